using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.IntegrationTests.Chaos.Faults;
using Pipeline.IntegrationTests.Chaos.Ledgers;

namespace Pipeline.IntegrationTests.Chaos;

/// <summary>What a run showed, for people and for programs.</summary>
sealed record ChaosReport
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public required ChaosSettings Settings { get; init; }

    public required TimeSpan Lasted { get; init; }

    public required IReadOnlyList<FaultRecord> Faults { get; init; }

    /// <summary>In the order in which they are shown.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> Figures { get; init; }

    public required IReadOnlyDictionary<string, long> Ends { get; init; }

    public required IReadOnlyList<string> EndedByThemselves { get; init; }

    public required Findings Findings { get; init; }

    public bool IsClean => IsCleanBut([]);

    /// <summary>Nothing was found but what that run does not judge.</summary>
    public bool IsCleanBut(IReadOnlyCollection<FindingKind> kinds) => Enum.GetValues<FindingKind>().Except(kinds).All(kind => Findings[kind] == 0);

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            **{(IsClean ? "Every promise was kept." : "Promises were broken.")}** {Lasted.TotalMinutes:0.0} minutes, {Settings.Devices} devices, {Settings.EventsPerSecond:0} events/s,
            {Settings.CommandsPerSecond:0} commands/s, {Settings.Replicas} replicas of each service, {Settings.KafkaNodes} Kafka broker(s), {Faults.Count} faults.

            | | |
            |---|---|
            """);
        foreach (var (name, value) in Figures)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {value} |");
        foreach (var kind in Enum.GetValues<FindingKind>())
            text.AppendLine(CultureInfo.InvariantCulture, $"| **{Words(kind)}** | **{Findings[kind]}** |");
        text.AppendLine().AppendLine("| How commands ended | |").AppendLine("|---|---|");
        foreach (var (end, count) in Ends)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {end} | {count} |");
        text.AppendLine().AppendLine("| At s | Fault | In flight when it struck | All there again after s | Ownership restored after s |").AppendLine("|---|---|---|---|---|");
        foreach (var fault in Faults)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {fault.At / 1e3:0} | {fault.Name} | {fault.InFlight} {fault.Of} | {(fault.Until - fault.At) / 1e3:0.0} | {fault.OwnershipRestored / 1e3:0.0} |");
        }

        foreach (var ended in EndedByThemselves)
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Ended by itself and was started again: {ended}.");
        if (!IsClean)
            text.AppendLine().AppendLine("```").AppendLine(Findings.ToString()).AppendLine("```");
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            verdict = IsClean ? "clean" : "broken",
            seconds = Lasted.TotalSeconds,
            settings = Settings,
            figures = Figures.ToDictionary(f => f.Key, f => f.Value),
            findings = Enum.GetValues<FindingKind>().ToDictionary(kind => kind.ToString(), kind => new { count = Findings[kind], first = Findings.Told(kind) }),
            ends = Ends,
            faults = Faults.Select(f => new { f.Name, f.At, f.Until, f.InFlight, f.Of, f.OwnershipRestored }),
            endedByThemselves = EndedByThemselves,
        }, Indented);

    static string Words(FindingKind kind) => kind switch
    {
        FindingKind.Lost => "acknowledged to a device and lost",
        FindingKind.NeverSent => "came out, but was never sent",
        FindingKind.TwoIds => "one message, two events",
        FindingKind.ToldDespiteRefusal => "refused with 5.03, but told",
        FindingKind.UnexplainedDuplicate => "came out again without a fault that explains it",
        FindingKind.Reordered => "out of order within a registration",
        FindingKind.NoOutcome => "accepted commands without an outcome",
        FindingKind.TwoOutcomes => "commands with two different outcomes",
        FindingKind.UnknownCommand => "outcomes of commands that nobody gave",
        FindingKind.ExecutedTwice => "executes carried out twice",
        FindingKind.NotExecuted => "told as done, but not carried out",
        FindingKind.RegistrationLost => "registrations lost",
        FindingKind.Unanswered => "messages that nobody answered for MAX_TRANSMIT_WAIT, although Kafka was there",
        FindingKind.ObservationLost => "notifications answered by a Reset",
        FindingKind.OwnershipLate => "ownership restored later than 10 s after a restart",
        FindingKind.ServiceFailed => "services that failed to come, or to end when asked to",
        FindingKind.DeadLettered => "records in `deadletters`",
        _ => "faults with nothing in flight",
    };
}
