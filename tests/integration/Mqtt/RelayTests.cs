using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;

namespace Pipeline.IntegrationTests.Mqtt;

/// <summary>One of three Egress processes relays commands; whatever becomes of it, each command gets into the log once, in the order of its device.</summary>
public sealed class RelayTests(KafkaFixture kafka) : IAsyncLifetime
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    static int runs;

    readonly MosquittoFixture _mosquitto = new();
    readonly string _prefix = $"relays{Interlocked.Increment(ref runs)}";
    readonly ConcurrentQueue<string> _log = new();
    readonly ConcurrentQueue<string> _ids = new();
    EgressReplicas _replicas = null!;
    CommandSource _source = null!;
    LogReader _reader = null!;
    IReadOnlyList<ServiceProcess> _all = [];

    public async ValueTask InitializeAsync()
    {
        var missing = ThreeProcessFixture.MissingHere(_mosquitto);
        Assert.SkipUnless(missing is null, missing ?? "");
        await _mosquitto.StartAsync();
        var servers = (await kafka.RequireAsync()).BootstrapServers;
        _replicas = new EgressReplicas(servers, _mosquitto.Server, _prefix);
        _all = await _replicas.AddAsync(3);
        var topic = new Topics(_prefix).Commands;
        _reader = new LogReader(new KafkaConnection(servers, false, new KafkaOptions { TopicPrefix = _prefix }, null), "commands", NullLogger.Instance);
        _reader.Start([.. Enumerable.Range(0, EgressReplicas.Partitions).Select(p => new LogPosition(topic, p, LogPosition.Beginning))], Take);
        _source = await CommandSource.StartAsync(_mosquitto.Port);
        await RelayedAsync(200);
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(_replicas?.Log ?? "");
        _reader?.Dispose();
        if (_replicas is not null)
            await _replicas.DisposeAsync();
        await _mosquitto.DisposeAsync();
    }

    [Fact]
    public async Task Relay_dies()
    {
        var relay = await RelayAsync();
        await FreezeWithSomethingInFlightAsync(relay);
        await relay.KillAsync();
        var watch = Stopwatch.StartNew();
        await RelayedAsync(200);
        // The session timeout of the group, 6 s, and a rebalance.
        TestContext.Current.TestOutputHelper?.WriteLine($"the next relay was up after {watch.Elapsed.TotalSeconds:0.0} s");
        await EndAsync();
    }

    [Fact]
    public async Task Relay_is_stopped()
    {
        var relay = await RelayAsync();
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await relay.StopAsync());
        await RelayedAsync(200);
        TestContext.Current.TestOutputHelper?.WriteLine($"the next relay was up after {watch.Elapsed.TotalSeconds:0.0} s");
        await EndAsync();
    }

    [Fact]
    public async Task Relay_stands_still_until_another_has_taken_over_and_then_goes_on()
    {
        var relay = await RelayAsync();
        await FreezeWithSomethingInFlightAsync(relay);
        await RelayedAsync(200); // so another relays
        await relay.ThawAsync();
        await RelayedAsync(300);
        await relay.ReadyAsync();
        await EndAsync();
    }

    [Fact]
    public async Task Broker_is_restarted()
    {
        var relay = await RelayAsync(); // while commands come
        await _source.StopAsync();
        var before = _mosquitto.ConnectionsOf(_prefix + "-relay");
        await _mosquitto.StopAsync();
        await _mosquitto.StartAsync();
        await Eventually.TrueAsync(() => _mosquitto.ConnectionsOf(_prefix + "-relay") > before, Bound, () => "the relay does not come back");
        await using var again = await CommandSource.StartAsync(_mosquitto.Port, "again");
        await Eventually.TrueAsync(() => again.Taken.Count >= 100, Bound, () => "the application stands still");
        await again.StopAsync();
        await relay.ReadyAsync();
        await Eventually.TrueAsync(() => _log.Count == _source.Taken.Count + again.Taken.Count, Bound, () => $"{_log.Count} commands");
        Assert.Null(_source.Check([.. _log.Where(command => command.StartsWith("dev", StringComparison.Ordinal))]));
        Assert.Null(again.Check([.. _log.Where(command => command.StartsWith("again", StringComparison.Ordinal))]));
    }

    async Task EndAsync()
    {
        await _source.StopAsync();
        await Eventually.TrueAsync(() => !_source.Taken.Except(_log).Any(), Bound, () => _source.Check([.. _log])!);
        Assert.Null(_source.Check([.. _log]));
        Assert.Equal(_log.Count, _ids.Distinct().Count());
    }

    // Until that many more stand in the log.
    Task RelayedAsync(int more)
    {
        var before = _log.Count;
        return Eventually.TrueAsync(() => _log.Count >= before + more, Bound, () => $"no commands come any more after {_log.Count}");
    }

    // The one that relays: its count rises.
    async Task<ServiceProcess> RelayAsync()
    {
        var before = await Task.WhenAll(_all.Select(CountAsync));
        await RelayedAsync(50);
        var after = await Task.WhenAll(_all.Select(CountAsync));
        return _all[Enumerable.Range(0, _all.Count).Single(i => after[i] > before[i])];
    }

    static Task<double> CountAsync(ServiceProcess replica) => EgressReplicas.CountAsync(replica, "lwm2m_egress_relayed_total");

    // Commands that it had read from its socket, and that the broker had taken before, but which did not get into the log.
    async Task FreezeWithSomethingInFlightAsync(ServiceProcess relay)
    {
        for (var until = DateTime.UtcNow + Bound; DateTime.UtcNow < until; await relay.ThawAsync())
        {
            await relay.FreezeAsync();
            var taken = _source.Taken.ToList();
            await Task.Delay(500, TestContext.Current.CancellationToken); // what is under way in Kafka arrives
            var inFlight = taken.Except(_log).Count();
            if (inFlight > 0)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"in flight: {inFlight} commands");
                return;
            }
        }

        throw new TimeoutException("nothing was in flight");
    }

    void Take(LogRecord record)
    {
        _log.Enqueue(Encoding.UTF8.GetString(record.Value!));
        _ids.Enqueue(record.Headers.Where(header => header.Name == CommandHeaders.CommandId).Select(header => Encoding.UTF8.GetString(header.Value)).Single());
    }
}
