using System.Globalization;

namespace Pipeline.IntegrationTests.Chaos;

/// <summary>How long and how hard. Each can be set by an environment variable CHAOS_ and its name.</summary>
sealed record ChaosSettings
{
    public int Devices { get; init; } = 200;

    public double EventsPerSecond { get; init; } = 150;

    public double CommandsPerSecond { get; init; } = 15;

    public int Replicas { get; init; } = 3;

    public int KafkaNodes { get; init; } = 1;

    public int Partitions { get; init; } = 12;

    /// <summary>Seconds from the begin of a fault to the begin of the next, at least.</summary>
    public double Pace { get; init; } = 8;

    /// <summary>Seconds that load and faults go on, at least.</summary>
    public double Seconds { get; init; } = 60;

    public int Faults { get; init; } = 9;

    /// <summary>
    /// Seconds after the last fault within which something acknowledged has to come out, again and again until nothing is missing. More than the
    /// <c>command_ttl</c> of the run, after which the Translator speaks for who does not.
    /// </summary>
    public double Settling { get; init; } = 180;

    public int Seed { get; init; } = 1;

    /// <summary>Only faults whose name has this in it.</summary>
    public string Only { get; init; } = "";

    /// <summary>Where report and logs go; empty: nowhere, the logs only when something was found.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Seconds between two lines about the progress.</summary>
    public double Progress { get; init; } = 10;

    /// <summary>Settings of the gateway for all services, beside those that the run needs; HOCON.</summary>
    public string Gateway { get; init; } = "";

    public ChaosSettings WithEnvironment() => this with
    {
        Devices = (int)Number("DEVICES", Devices),
        EventsPerSecond = Number("EVENTS", EventsPerSecond),
        CommandsPerSecond = Number("COMMANDS", CommandsPerSecond),
        Replicas = (int)Number("REPLICAS", Replicas),
        KafkaNodes = (int)Number("KAFKA_NODES", KafkaNodes),
        Partitions = (int)Number("PARTITIONS", Partitions),
        Pace = Number("PACE", Pace),
        Seconds = Number("SECONDS", Seconds),
        Faults = (int)Number("FAULTS", Faults),
        Settling = Number("SETTLING", Settling),
        Seed = (int)Number("SEED", Seed),
        Only = Environment.GetEnvironmentVariable("CHAOS_ONLY") ?? Only,
        Folder = Environment.GetEnvironmentVariable("CHAOS_FOLDER") ?? Folder,
        Progress = Number("PROGRESS", Progress),
        Gateway = Environment.GetEnvironmentVariable("CHAOS_GATEWAY") ?? Gateway,
    };

    static double Number(string name, double otherwise) =>
        Environment.GetEnvironmentVariable("CHAOS_" + name) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
