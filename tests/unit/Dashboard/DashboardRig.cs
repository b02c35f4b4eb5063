using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Contracts;
using Contracts.Configuration;
using Dashboard;
using Hosting;
using Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Pipeline.Tests.Dashboard;

/// <summary>The Dashboard alone, on an embedded broker whose records the test writes: the rest of the gateway is the test's.</summary>
sealed class DashboardRig : IAsyncDisposable
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    readonly EmbeddedBroker _broker;
    readonly LogProducer _producer;
    readonly LogReader _reader;
    readonly WebApplication _app;
    readonly List<LogRecord> _config = [];

    DashboardRig(string[] arguments)
    {
        var options = new KafkaOptions();
        _broker = EmbeddedBroker.Start(Topics.Specs(options, embedded: true));
        Kafka = new KafkaConnection(_broker.BootstrapServers, Embedded: true, options, _broker.Budget);
        _producer = new LogProducer(Kafka, "rig", NullLogger.Instance);
        _reader = new LogReader(Kafka, "rig", NullLogger.Instance);
        _reader.Start([new LogPosition(Topics.Config, 0, LogPosition.Beginning)], record =>
        {
            lock (_config)
                _config.Add(record);
        });
        _app = GatewayHost.Create("dashboard", ["--http:bind=127.0.0.1:0", .. arguments], new Dictionary<string, string>(), Time, builder =>
        {
            builder.Web.Logging.ClearProviders();
            builder.AddDashboard(Kafka);
        });
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public Topics Topics { get; } = new("lwm2m");

    public KafkaConnection Kafka { get; }

    public HttpClient Http { get; } = new();

    public bool IsReady => _app.Services.GetServices<IReadiness>().All(r => r.Ready);

    /// <summary>All that was written to the config topic.</summary>
    public IReadOnlyList<LogRecord> Config
    {
        get
        {
            lock (_config)
                return [.. _config];
        }
    }

    public static async Task<DashboardRig> StartAsync(params string[] arguments)
    {
        var rig = new DashboardRig(arguments);
        await rig._app.StartAsync();
        rig.Http.BaseAddress = new Uri(rig._app.Urls.First());
        await EventuallyAsync(() => rig.IsReady, "ready");
        return rig;
    }

    public async Task<AppendResult> WriteAsync(string topic, string key, byte[]? value, params RecordHeader[] headers)
    {
        var written = await _producer.AppendAsync(topic, topic == Topics.Instances ? 0 : -1, Encoding.UTF8.GetBytes(key), value, headers, default);
        Assert.True(written.Succeeded);
        return written;
    }

    public Task RegisterAsync(string endpoint, ulong number = 1) =>
        WriteAsync(Topics.Registrations, endpoint, Registrations.Of(endpoint, number).ToJson());

    public Task BeatAsync(string instance, long? offset = null, string? problem = null, string kind = "heartbeat") =>
        WriteAsync(Topics.Instances, instance, new InstanceRecord
        {
            Kind = kind,
            HeartbeatMs = Time.GetUtcNow().ToUnixTimeMilliseconds(),
            ConfigOffset = offset,
            ConfigProblem = problem,
        }.ToJson());

    public async Task<(int Status, string Text)> SendAsync(string method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The next record that is written to the config topic after so many.</summary>
    public async Task<(long Offset, string Key, JsonNode? Value)> ChangeAsync(int after)
    {
        await EventuallyAsync(() => Config.Count > after, "a record of the config topic");
        var record = Config[after];
        return (record.Offset, Encoding.UTF8.GetString(record.Key), record.Value is null ? null : JsonNode.Parse(record.Value));
    }

    public static Task EventuallyAsync(Func<bool> holds, string what) => EventuallyAsync(() => Task.FromResult(holds()), what);

    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(watch.Elapsed < Bound, "not in time: " + what);
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _reader.Dispose();
        _producer.Dispose();
        _broker.Dispose();
    }
}
