using System.Globalization;
using Contracts;
using Tools.Captures;
using Tools.Decoding;
using Tools.Replay;
using Tools.Traffic;

namespace Tools.Stories;

/// <summary>
/// A device's life as sentences, one for each thing that happened, in order; silences, moves to other addresses and replicas, and what came late or twice are
/// said where they show.
/// </summary>
sealed class DeviceStory(Rules rules, EventSummary summary, TimeSpan silence)
{
    readonly HashSet<(ulong, ulong)> _told = [];
    readonly Conversation _conversation = new();
    UplinkEvent? _before;
    DateTimeOffset? _last;

    public IEnumerable<string> Tell(UplinkEvent happened)
    {
        var time = TrafficSelection.TimeOf(happened);
        if (SilenceBefore(time) is { } pause)
            yield return pause;
        if (_before is { } before)
        {
            foreach (var change in Changes(before, happened))
                yield return $"        {change}";
        }

        var marks = Marks(happened, isRepeated: !_told.Add((happened.IdHigh, happened.IdLow)));
        var events = rules.Translate(happened, out var problem);
        var said = problem is not null ? $"could not be translated: {problem}" : events.Count > 0 ? summary.Of(events[0].Payload) : "not published";
        yield return $"{time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)}  {Verb(happened),-22}  {said}{marks}";
        _before = happened;
    }

    /// <summary>A datagram, where they were recorded: repetitions, answers, and what is missing.</summary>
    public IEnumerable<string> Tell(CapturedDatagram captured)
    {
        if (SilenceBefore(CaptureSelection.TimeOf(captured)) is { } pause)
            yield return pause;
        foreach (var line in _conversation.Tell(captured))
            yield return line;
    }

    string? SilenceBefore(DateTimeOffset time)
    {
        var gap = time - _last;
        _last = time;
        return gap >= silence ? $"        ... nothing for {InWords(gap.Value)} ..." : null;
    }

    static IEnumerable<string> Changes(UplinkEvent before, UplinkEvent happened)
    {
        if (before.RegistrationId != happened.RegistrationId && happened.Kind != EventKind.Registered && happened.RegistrationId.Length > 0)
            yield return $"registration {happened.RegistrationId}";
        // The Translator's own outcomes were heard by nobody.
        if (happened.Epoch == 0 || before.Epoch == 0)
            yield break;
        if (before.Slot != happened.Slot)
            yield return $"moved to ingress {happened.Slot}";
        else if (before.Epoch != happened.Epoch)
            yield return $"ingress {happened.Slot} was started anew (epoch {happened.Epoch})";
        if (before.Peer != happened.Peer && happened.Peer.Length > 0)
            yield return $"heard from {happened.Peer}, before from {before.Peer}";
    }

    static string Verb(UplinkEvent happened) => happened.Kind switch
    {
        EventKind.Registered => "registered",
        EventKind.Updated => "updated",
        EventKind.Deregistered => "de-registered",
        EventKind.Expired => "expired",
        EventKind.Replaced => "registered anew",
        EventKind.Notified => "notified",
        EventKind.Sent => "sent",
        EventKind.Acknowledged => "has the command",
        EventKind.Outcome => happened.Outcome switch
        {
            Outcome.Answered => "answered",
            Outcome.TimedOut => "did not answer",
            Outcome.Reset => "reset the command",
            Outcome.Unknown => "may have done it",
            Outcome.NeverSent => "was never asked",
            Outcome.Cancelled => "command cancelled",
            _ => "command refused",
        },
        _ => "did what is unknown",
    };

    static string Marks(UplinkEvent happened, bool isRepeated)
    {
        var marks = new List<string>();
        if (happened.Late)
            marks.Add("late");
        if (happened.Reread)
            marks.Add("read again after a crash");
        if (isRepeated)
            marks.Add("told before");
        if (happened.Denied != 0 && happened.Kind == EventKind.Registered)
            marks.Add("not allowed everything");
        return marks.Count > 0 ? $"  ({string.Join(", ", marks)})" : "";
    }

    static string InWords(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Days} d {time.Hours} h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours} h {time.Minutes} min"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
    };
}
