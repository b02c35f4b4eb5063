using System.Text.Json;
using Pipeline.IntegrationTests.Chaos.Ledgers;

namespace Pipeline.IntegrationTests.Chaos.Events;

/// <summary>Enters what comes out, on Kafka or MQTT, into the ledgers.</summary>
sealed class Audit(UplinkLedger uplink, CommandLedger commands, Findings findings, Func<string, int> deviceOf, Func<long> now)
{
    long _events;

    /// <summary>All that came, of whatever kind.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <param name="endpoint">From the record's key, or the topic.</param>
    /// <param name="eventId"><c>ce_id</c>, or the user property <c>event_id</c>.</param>
    public void Take(Outlet outlet, string endpoint, string eventId, ReadOnlySpan<byte> json)
    {
        Interlocked.Increment(ref _events);
        EventFacts facts;
        try
        {
            facts = EventFacts.Read(json);
        }
        catch (JsonException e)
        {
            findings.Add(FindingKind.NeverSent, $"{outlet}: {endpoint}: no JSON: {e.Message}");
            return;
        }

        if (deviceOf(endpoint) is var device && device < 0)
            findings.Add(FindingKind.NeverSent, $"{outlet}: of an endpoint {endpoint}");
        else if (facts.IsUplink)
            uplink.Arrive(outlet, device, facts.Number, HashOf(System.Text.Encoding.UTF8.GetBytes(eventId)), facts.IsLate, now());
        else if (facts.IsOutcome)
            commands.End(outlet, facts.RequestId, device, facts.End, HashOf(System.Text.Encoding.UTF8.GetBytes(eventId)), HashOf(json));
    }

    /// <summary>FNV-1a, never 0.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes)
            hash = (hash ^ b) * 1099511628211UL;
        return hash | 1;
    }
}
