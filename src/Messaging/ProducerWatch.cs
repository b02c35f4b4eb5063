using System.Text.Json;

namespace Messaging;

/// <summary>
/// Notices a producer that stands still while Kafka answers others: records wait (or the client believes that all brokers are away), and for
/// long neither has one been reported nor a request to write (or for the id that one needs) been sent. So it never speaks while Kafka answers nobody, while a partition of
/// the topic has no leader, while Kafka refuses (not enough replicas: the client sends again and again), or while little goes through.
/// </summary>
internal sealed class ProducerWatch : IDisposable
{
    private static readonly string[] s_writes = ["Produce", "InitProducerId"];

    private readonly KafkaConnection _connection;
    private readonly Func<bool> _owes;
    private readonly Func<string?> _topic;
    private readonly Func<string?, Task<bool>> _othersAreAnswered;
    private readonly Action<string> _standsStill;
    private readonly Standstill _standstill;
    private readonly Looks _looks;
    private long _reported;
    private long _requests;

    /// <param name="connection">How patient it is.</param>
    /// <param name="owes">Records wait, or none are taken.</param>
    /// <param name="topic">Of one that waits; null where none ever has.</param>
    /// <param name="othersAreAnswered">Asked of the topic, by another client.</param>
    /// <param name="standsStill">Told what was seen.</param>
    public ProducerWatch(
        KafkaConnection connection, Func<bool> owes, Func<string?> topic, Func<string?, Task<bool>> othersAreAnswered, Action<string> standsStill)
    {
        (_connection, _owes, _topic, _othersAreAnswered, _standsStill) = (connection, owes, topic, othersAreAnswered, standsStill);
        _standstill = new Standstill(connection.Patience.Looks(connection.Patience.StandsStill));
        _looks = new Looks(connection.Patience.Look, LookAsync);
    }

    /// <summary>Kafka has said something of a record. On the client's thread.</summary>
    public void Reported() => Volatile.Write(ref _reported, _reported + 1);

    /// <summary>What the client says of itself, as JSON: how many requests it has sent.</summary>
    public void Statistics(string json)
    {
        using var statistics = JsonDocument.Parse(json);
        Volatile.Write(ref _requests, WritesOf(statistics.RootElement));
    }

    public void Dispose() => _looks.Dispose();

    private static long WritesOf(JsonElement statistics)
    {
        var sum = 0L;
        foreach (var broker in statistics.GetProperty("brokers").EnumerateObject())
        {
            var requests = broker.Value.GetProperty("req");
            sum += s_writes.Sum(name => requests.TryGetProperty(name, out var sent) ? sent.GetInt64() : 0);
        }

        return sum;
    }

    private async Task LookAsync(CancellationToken ct)
    {
        var topic = _topic();
        var still = await _standstill.LookAsync(
            _owes() ? Volatile.Read(ref _reported) + Volatile.Read(ref _requests) : null, () => _othersAreAnswered(topic));
        if (still && !ct.IsCancellationRequested)
        {
            _standsStill($"no record was acknowledged and none was sent for {_connection.Patience.StandsStill.TotalSeconds:0} s, "
                + $"while Kafka answers others about {topic ?? "its brokers"}");
        }
    }
}
