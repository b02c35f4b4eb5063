using System.Diagnostics.Metrics;
using Hosting.Traces;

namespace Egress;

/// <summary>What Egress counts, and what it shows of single messages.</summary>
public sealed class EgressTelemetry
{
    private readonly Counter<long> _ignored;
    private readonly Counter<long> _subscriptionsRefused;

    private readonly Histogram<double> _published;

    public EgressTelemetry(IMeterFactory meters, Trails? trails = null)
    {
        Trail = trails?.Of("egress") ?? Trail.Off;
        var meter = meters.Create("lwm2m.egress");
        Published = meter.CreateCounter<long>("published", description: "Events that the MQTT broker has acknowledged.");
        Repeated = meter.CreateCounter<long>("repeated", description: "Events not published because one with the same id was, a moment ago.");
        DeadLettered = meter.CreateCounter<long>("dead_lettered", description: "Events that can never be published and were put on the dead-letters topic.");
        Disconnected = meter.CreateCounter<long>("disconnected", description: "Connections to the MQTT broker that were lost.");
        Relayed = meter.CreateCounter<long>("relayed", description: "Commands written to Kafka, one for each device.");
        Redelivered = meter.CreateCounter<long>("redelivered", description: "Commands not written because an earlier delivery of the same message was.");
        UnknownPrefix = meter.CreateCounter<long>("unknown_prefix", description: "Commands on a topic that no registered device has.");
        TooLarge = meter.CreateCounter<long>("too_large", description: "Commands too large to be passed on; written without their payload, so that they are answered.");
        Forgotten = meter.CreateCounter<long>("forgotten", description: "Commands remembered against redelivery that made room for newer ones.");
        NotForMqtt = meter.CreateCounter<long>("not_for_mqtt", description: "Events without a topic, which stay on Kafka.");
        _subscriptionsRefused = meter.CreateCounter<long>("subscriptions_refused", description: "Command topics of single clients that could not be subscribed to, by reason.");
        _ignored = meter.CreateCounter<long>("ignored", description: "MQTT messages that are no commands, by reason.");
        TraceParentsIgnored = meter.CreateCounter<long>("traceparents_ignored", description: "Commands whose traceparent is none.");
        _published = meter.CreateHistogram<double>("delivered", "s", "From the record of events to the MQTT broker's acknowledgement.");
    }

    /// <summary>Spans, and lines of the log for watched endpoints.</summary>
    public Trail Trail { get; }

    internal Counter<long> Published { get; }
    internal Counter<long> Repeated { get; }
    internal Counter<long> DeadLettered { get; }
    internal Counter<long> Disconnected { get; }
    internal Counter<long> Relayed { get; }
    internal Counter<long> Redelivered { get; }
    internal Counter<long> UnknownPrefix { get; }
    internal Counter<long> TooLarge { get; }
    internal Counter<long> Forgotten { get; }
    internal Counter<long> NotForMqtt { get; }
    internal Counter<long> TraceParentsIgnored { get; }

    /// <summary>The MQTT broker has an event.</summary>
    /// <param name="ms">Since its record was written; where two clocks are compared the later one may be behind.</param>
    internal void PublishedAfter(long ms) => _published.Record(Math.Max(0, ms) / 1000.0);

    internal void SubscriptionRefused(string reason) => _subscriptionsRefused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    internal void Ignored(string reason) => _ignored.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
