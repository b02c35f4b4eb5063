using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Contracts;
using MQTTnet.Exceptions;
using Pipeline.IntegrationTests.Chaos.Fleet;
using Pipeline.IntegrationTests.Chaos.Ledgers;

namespace Pipeline.IntegrationTests.Chaos.Events;

/// <summary>
/// Gives commands at a fixed rate: most over MQTT, some as records of Kafka, half of these by the partitioner that most Kafka clients have, which is
/// not ours. Each execute carries its number.
/// </summary>
sealed class CommandSource : IAsyncDisposable
{
    const int MostUnderWay = 2000;

    readonly MqttEvents _mqtt;
    readonly CommandLedger _ledger;
    readonly string _topic;
    readonly IProducer<string, byte[]>[] _kafka;
    readonly int _devices;
    readonly Random _random;
    readonly CancellationTokenSource _end = new();
    Task _giving = Task.CompletedTask;
    int _underWay;

    public CommandSource(MqttEvents mqtt, string servers, Topics topics, CommandLedger ledger, int devices, int seed)
    {
        (_mqtt, _ledger, _topic, _devices, _random) = (mqtt, ledger, topics.Commands, devices, new Random(seed));
        _kafka = [Producer(servers, Partitioner.Murmur2Random), Producer(servers, Partitioner.ConsistentRandom)];
    }

    /// <summary>No commands for the time being.</summary>
    public bool IsPaused { get; set; }

    public void Start(double perSecond) => _giving = GiveAsync(perSecond);

    /// <summary>Gives no more, and waits for what is under way for a while.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _giving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        for (var i = 0; i < 100 && Volatile.Read(ref _underWay) > 0; i++)
            await Task.Delay(50);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var producer in _kafka)
            producer.Dispose();
        _end.Dispose();
    }

    static IProducer<string, byte[]> Producer(string servers, Partitioner partitioner) => new ProducerBuilder<string, byte[]>(new ProducerConfig
    {
        BootstrapServers = servers, Acks = Acks.All, EnableIdempotence = true, Partitioner = partitioner, LingerMs = 5, ReconnectBackoffMaxMs = 1000,
    }).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();

    async Task GiveAsync(double perSecond)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var due = 0.0;
        while (await timer.WaitForNextTickAsync(_end.Token))
        {
            for (due += perSecond / 50; due >= 1; due--)
            {
                if (!IsPaused && Volatile.Read(ref _underWay) < MostUnderWay)
                    Give();
            }
        }
    }

    void Give()
    {
        var device = _random.Next(_devices);
        var kind = _random.Next(10) switch { < 4 => CommandKind.Read, < 6 => CommandKind.Write, _ => CommandKind.Execute };
        var number = _ledger.Give(kind, device);
        var json = Encoding.UTF8.GetBytes(Json(kind, number));
        Interlocked.Increment(ref _underWay);
        if (_random.Next(5) == 0)
            Produce(_kafka[_random.Next(2)], device, number, json);
        else
            _ = PublishAsync(device, number, json);
    }

    static string Json(CommandKind kind, int number)
    {
        var data = kind switch
        {
            CommandKind.Read => """{"path":"/3/0/9"}""",
            CommandKind.Write => """{"path":"/3/0/14","type":"String","value":"+02:00"}""",
            _ => string.Create(CultureInfo.InvariantCulture, $$"""{"path":"/3/0/4","args":"{{number}}"}"""),
        };
        return string.Create(CultureInfo.InvariantCulture, $$$"""{"reqID":{{{number}}},"msgType":"{{{kind.ToString().ToLowerInvariant()}}}","data":{{{data}}}}""");
    }

    void Produce(IProducer<string, byte[]> producer, int device, int number, byte[] json)
    {
        try
        {
            producer.Produce(_topic, new Message<string, byte[]> { Key = ChaosFleet.EndpointOf(device), Value = json }, report =>
            {
                if (!report.Error.IsError)
                    _ledger.Accept(number);
                Interlocked.Decrement(ref _underWay);
            });
        }
        catch (ProduceException<string, byte[]>)
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    async Task PublishAsync(int device, int number, byte[] json)
    {
        try
        {
            await _mqtt.CommandAsync($"lwm2m/{ChaosFleet.EndpointOf(device)}/dn/cmd", json, CancellationToken.None);
            _ledger.Accept(number);
        }
        catch (Exception e) when (e is MqttCommunicationException or InvalidOperationException or OperationCanceledException)
        {
            // The broker went before it had said that it has it: nothing is promised.
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}
