using System.Globalization;
using Contracts.Configuration;

namespace Contracts;

/// <summary>The names of all topics, and what each must look like. The one place that knows both.</summary>
public sealed class Topics(string prefix)
{
    /// <summary>The prefix that all names start with, without the dot.</summary>
    public string Prefix { get; } = prefix;

    public string Uplink { get; } = prefix + ".uplink";
    public string Events { get; } = prefix + ".events";
    public string Commands { get; } = prefix + ".commands";
    public string Operations { get; } = prefix + ".operations";
    public string Downlink { get; } = prefix + ".downlink";
    public string Registrations { get; } = prefix + ".registrations";
    public string Sessions { get; } = prefix + ".sessions";
    public string Instances { get; } = prefix + ".instances";
    public string Config { get; } = prefix + ".config";
    public string DeadLetters { get; } = prefix + ".deadletters";
    public string Capture { get; } = prefix + ".capture";
    public string Credentials { get; } = prefix + ".credentials";
    public string Dtls { get; } = prefix + ".dtls";

    /// <summary>Consumer group of the Translator replicas.</summary>
    public string TranslatorGroup { get; } = prefix + ".translator";

    /// <summary>Consumer group of the Egress replicas.</summary>
    public string EgressGroup { get; } = prefix + ".egress";

    /// <summary>Every topic as it must exist. Topics keyed by endpoint have equal partition counts, so that equal partitions belong together.</summary>
    public IReadOnlyList<TopicSpec> Specs(KafkaOptions kafka, bool embedded)
    {
        ArgumentNullException.ThrowIfNull(kafka);
        var keyed = kafka.PartitionsOn(embedded);
        return
        [
            Deleted(Uplink, keyed, TimeSpan.FromDays(7)),
            Deleted(Events, keyed, TimeSpan.FromDays(7)),
            Deleted(Commands, keyed, TimeSpan.FromDays(1)),
            Compacted(Operations, keyed, VoidRecordsLast),
            Deleted(Downlink, kafka.SlotsOn(embedded), TimeSpan.FromDays(1)),
            Compacted(Registrations, keyed, VoidRecordsLast),
            Compacted(Sessions, keyed, VoidRecordsLast),
            Compacted(Instances, 1, TimeSpan.Zero),
            Compacted(Config, 1, TimeSpan.Zero),
            Deleted(DeadLetters, keyed, TimeSpan.FromDays(21)),
            Deleted(Capture, keyed, TimeSpan.FromDays(3), MostOfCapture),
            Compacted(Credentials, 1, TimeSpan.Zero),
            Compacted(Dtls, kafka.SlotsOn(embedded), VoidRecordsLast),
        ];
    }

    // Compaction must not take the record that counts while a void or late one covers it: its owner needs the time to write it again.
    private static readonly TimeSpan VoidRecordsLast = TimeSpan.FromMinutes(10);

    private const string MaxMessageBytes = "6291456";

    // Somebody may forget that he captures all.
    private const string MostOfCapture = "1073741824";

    /// <param name="bytes">Most that a partition keeps; null: as much as comes in that time.</param>
    private static TopicSpec Deleted(string name, int partitions, TimeSpan retention, string? bytes = null)
    {
        var settings = new Dictionary<string, string>
        {
            ["retention.ms"] = Milliseconds(retention),
            ["max.message.bytes"] = MaxMessageBytes,
        };
        if (bytes is not null)
            settings["retention.bytes"] = bytes;
        return new TopicSpec { Name = name, Partitions = partitions, Cleanup = CleanupPolicy.Delete, Settings = settings };
    }

    // Small segments and an eager cleaner: a restore reads little more than one record per key.
    private static TopicSpec Compacted(string name, int partitions, TimeSpan lag) => new()
    {
        Name = name,
        Partitions = partitions,
        Cleanup = CleanupPolicy.Compact,
        Settings = new Dictionary<string, string>
        {
            ["min.compaction.lag.ms"] = Milliseconds(lag),
            ["segment.ms"] = Milliseconds(TimeSpan.FromMinutes(10)),
            ["min.cleanable.dirty.ratio"] = "0.2",
            ["delete.retention.ms"] = Milliseconds(TimeSpan.FromHours(1)),
            ["max.message.bytes"] = MaxMessageBytes,
        },
    };

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
