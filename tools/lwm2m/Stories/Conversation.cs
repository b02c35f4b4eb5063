using System.Globalization;
using Contracts;
using Google.Protobuf;
using Protocol.Coap;
using Tools.Captures;
using Tools.Decoding;
using Tools.Imports;

namespace Tools.Stories;

/// <summary>
/// Recorded datagrams of one device as sentences: who said what, what was said before, what it answers and after how long, and what was not recorded. What is
/// remembered is bounded in number and time.
/// </summary>
sealed class Conversation
{
    const int Most = 10_000;

    static readonly long Lifetime = TransmissionParameters.Standard.ExchangeLifetime;

    readonly Waiting<(CaptureDirection, ByteString Peer, ByteString Bytes), (ulong Ns, int Times)> _said = new(Most, Lifetime);
    readonly Waiting<(CaptureDirection, ByteString Peer, ushort), ulong> _byMessage = new(Most, Lifetime);
    readonly Waiting<(CaptureDirection, ByteString Peer, CoapToken), ulong> _asked = new(Most, Lifetime);
    readonly Dictionary<(uint Slot, ulong Epoch), ulong> _dropped = [];

    public IEnumerable<string> Tell(CapturedDatagram captured)
    {
        var process = (captured.Slot, captured.Epoch);
        if (captured.Dropped > _dropped.GetValueOrDefault(process) && _dropped.TryGetValue(process, out var before))
            yield return $"        ... {captured.Dropped - before} datagrams were not recorded, perhaps of this device ...";
        _dropped[process] = captured.Dropped;
        var time = CaptureSelection.TimeOf(captured).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        yield return $"{time}  {(captured.Direction == CaptureDirection.Received ? "    device >" : "  > device  ")}  {Say(captured)}";
    }

    string Say(CapturedDatagram captured)
    {
        if (CoapFrame.TryParse(captured.Datagram.Span, out var frame) is var error && error != CoapParseError.None)
            return $"no CoAP message: {error} ({captured.Datagram.Length} bytes)";
        var said = DatagramExplanation.Summary(frame);
        var now = (long)(captured.CapturedNs / 1_000_000);
        Forget(now);
        var notes = new List<string>();
        if (Repetition(captured, now) is { } repeated)
        {
            notes.Add(repeated);
        }
        else
        {
            if (AnswerTo(captured, frame) is { } asked)
                notes.Add($"answers after {InMilliseconds(captured.CapturedNs - asked)}");
            Remember(captured, frame, now);
        }

        return notes.Count > 0 ? $"{said}  ({string.Join(", ", notes)})" : said;
    }

    // The same bytes between the same ends.
    string? Repetition(CapturedDatagram captured, long now)
    {
        var key = (captured.Direction, captured.Peer, captured.Datagram);
        var isKnown = _said.TryGet(key, out var before);
        _said.Put(key, (captured.CapturedNs, isKnown ? before.Times + 1 : 0), now);
        return isKnown ? $"repeated, {before.Times + 2} times by now, after {InMilliseconds(captured.CapturedNs - before.Ns)}" : null;
    }

    ulong? AnswerTo(CapturedDatagram captured, in CoapFrame frame)
    {
        var other = captured.Direction == CaptureDirection.Received ? CaptureDirection.Transmitted : CaptureDirection.Received;
        // What bears the token later is a notification.
        var asked = 0UL;
        var isResponse = frame.Code.IsResponse && _asked.TryTake((other, captured.Peer, new CoapToken(frame.Token)), out asked) && asked <= captured.CapturedNs;
        if (frame.Type is CoapType.Acknowledgement or CoapType.Reset)
            return _byMessage.TryGet((other, captured.Peer, frame.MessageId), out var message) && message <= captured.CapturedNs ? message : null;
        return isResponse ? asked : null;
    }

    void Remember(CapturedDatagram captured, in CoapFrame frame, long now)
    {
        if (frame.Type is CoapType.Confirmable or CoapType.NonConfirmable)
            _byMessage.Put((captured.Direction, captured.Peer, frame.MessageId), captured.CapturedNs, now);
        if (frame.Code.IsRequest)
            _asked.Put((captured.Direction, captured.Peer, new CoapToken(frame.Token)), captured.CapturedNs, now);
    }

    void Forget(long now)
    {
        while (_said.TryTakeOverdue(now, out _) || _byMessage.TryTakeOverdue(now, out _) || _asked.TryTakeOverdue(now, out _))
        {
        }
    }

    static string InMilliseconds(ulong ns) => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e6:0.#} ms");
}
