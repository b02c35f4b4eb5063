using System.Globalization;

namespace Tools.Simulation;

/// <summary>What a fleet has done within a second or so: the difference of two totals.</summary>
sealed record FleetSummary
{
    public required DateTimeOffset Time { get; init; }

    /// <summary>Since the start of the run.</summary>
    public required double Seconds { get; init; }

    public required int Devices { get; init; }

    public required int Registered { get; init; }

    public required int Observations { get; init; }

    /// <summary>Devices that wait for an acknowledgement or an answer.</summary>
    public required int Unacknowledged { get; init; }

    public required double RegistrationsPerSecond { get; init; }

    public required double NotificationsPerSecond { get; init; }

    public required double UpdatesPerSecond { get; init; }

    public required double CommandsPerSecond { get; init; }

    public required double DatagramsOutPerSecond { get; init; }

    public required double DatagramsInPerSecond { get; init; }

    /// <summary>Since the start, as all that follows.</summary>
    public required long Notifications { get; init; }

    public required long Sends { get; init; }

    public required long SendsRefused { get; init; }

    public required long Retransmissions { get; init; }

    public required long Reboots { get; init; }

    /// <summary>Datagrams that the simulated network has lost.</summary>
    public required long Lost { get; init; }

    /// <summary>Messages given up after the last retransmission.</summary>
    public required long TimedOut { get; init; }

    /// <summary>Registers that were answered with an error.</summary>
    public required long Refused { get; init; }

    /// <summary>DTLS sessions that handshakes have come to.</summary>
    public required long Sessions { get; init; }

    public required long HandshakesFailed { get; init; }

    public static FleetSummary Of(DateTimeOffset time, TimeSpan sinceStart, TimeSpan sinceBefore, FleetTotals before, FleetTotals now)
    {
        var seconds = Math.Max(sinceBefore.TotalSeconds, 1e-3);
        return new FleetSummary
        {
            Time = time,
            Seconds = Math.Round(sinceStart.TotalSeconds, 3),
            Devices = now.Devices,
            Registered = now.Registered,
            Observations = now.Observations,
            Unacknowledged = now.Awaiting,
            RegistrationsPerSecond = Rate(totals => totals.Registrations),
            NotificationsPerSecond = Rate(totals => totals.Notifications),
            UpdatesPerSecond = Rate(totals => totals.Updates),
            CommandsPerSecond = Rate(totals => totals.Commands),
            DatagramsOutPerSecond = Rate(totals => totals.DatagramsSent),
            DatagramsInPerSecond = Rate(totals => totals.DatagramsReceived),
            Notifications = now.Notifications,
            Sends = now.Sends,
            SendsRefused = now.SendsRefused,
            Retransmissions = now.Retransmissions,
            Reboots = now.Reboots,
            Lost = now.DatagramsLost,
            TimedOut = now.TimedOut,
            Refused = now.RegistrationsFailed,
            Sessions = now.Sessions,
            HandshakesFailed = now.HandshakesFailed,
        };

        double Rate(Func<FleetTotals, long> count) => Math.Round((count(now) - count(before)) / seconds, 1);
    }

    /// <summary>Everything in one line, for a log.</summary>
    public string ToLine() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Time:HH:mm:ss}  registered {Registered}/{Devices}  observed {Observations}  "
        + $"notifications {NotificationsPerSecond:F0}/s  updates {UpdatesPerSecond:F0}/s  commands {CommandsPerSecond:F0}/s  "
        + $"datagrams {DatagramsOutPerSecond:F0}/s out {DatagramsInPerSecond:F0}/s in  "
        + $"unacknowledged {Unacknowledged}  retransmitted {Retransmissions}  timed out {TimedOut}  refused {Refused}{(SpeaksDtls ? $"  handshakes {Sessions}, {HandshakesFailed} failed" : "")}");

    /// <summary>A table of a few lines, for a terminal that is written over.</summary>
    public string[] ToLines() =>
    [
        Line($"  {TimeSpan.FromSeconds(Math.Floor(Seconds)),-12:c}registered {Registered,9} of {Devices,-9}  observed       {Observations,9}"),
        Line($"  notifications {NotificationsPerSecond,9:F0}/s            registrations {RegistrationsPerSecond,8:F0}/s  updates {UpdatesPerSecond,7:F0}/s  commands {CommandsPerSecond,6:F0}/s"),
        Line($"  datagrams     {DatagramsOutPerSecond,9:F0}/s out {DatagramsInPerSecond,9:F0}/s in  lost on the way {Lost,6}"),
        Line($"  unacknowledged {Unacknowledged,8}   retransmitted {Retransmissions,9}  rebooted {Reboots,8}   timed out {TimedOut,6}   refused {Refused,6}"),
        .. SpeaksDtls ? [Line($"  handshakes    {Sessions,9}   failed        {HandshakesFailed,9}")] : Array.Empty<string>(),
    ];

    bool SpeaksDtls => Sessions + HandshakesFailed > 0;

    static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
