using System.Text;
using Contracts;
using Hosting;
using Ingress.Service;
using Messaging;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Standalone;

/// <summary>Tells on the console what happens, as any consumer of the public topics sees it, and what to try next.</summary>
sealed partial class Narrator(
    EmbeddedBrokers brokers, LiveConfiguration live, IEnumerable<IReadiness> readiness, IngressService ingress, IServer http, TimeProvider time,
    ILogger<Narrator> logger)
    : BackgroundService
{
    const int MostLinesPerSecond = 10;
    const int LongestPayload = 160;
    const string Example = "demo-sensor-1";

    static readonly TimeSpan RateInterval = TimeSpan.FromSeconds(10);

    readonly Topics _topics = new(live.Current.Kafka.TopicPrefix);
    readonly HashSet<string> _registered = [];
    long _events;
    long _second;
    int _lines;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(time, stoppingToken);
        using var reader = new LogReader(brokers.Kafka, _topics.Prefix + "-narrator", logger);
        var partitions = Enumerable.Range(0, live.Current.Kafka.PartitionsOn(brokers.Kafka.Embedded));
        reader.Start([.. partitions.SelectMany(p => new[] { End(_topics.Events, p), End(_topics.Registrations, p) })], Tell);
        ShowDoors();

        using var timer = new PeriodicTimer(RateInterval, time);
        var before = 0L;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var events = Interlocked.Read(ref _events);
            if (events > before)
                LogRate(RateInterval.TotalSeconds, events - before, (events - before) / RateInterval.TotalSeconds, _registered.Count);
            before = events;
        }
    }

    static LogPosition End(string topic, int partition) => new(topic, partition, LogPosition.End);

    void Tell(LogRecord record)
    {
        if (record.Topic == _topics.Registrations)
            TellRegistration(record);
        else
            TellEvent(record);
    }

    void TellRegistration(LogRecord record)
    {
        if (record.Value is null || !RegistrationRecord.TryParse(record.Value, out var registration))
            return;
        if (!registration!.IsLive)
        {
            if (_registered.Remove(registration.Endpoint))
                LogGone(registration.Endpoint);
        }
        else if (_registered.Add(registration.Endpoint))
        {
            LogRegistered(registration.Endpoint, registration.Peer, registration.Lwm2mVersion, registration.Lifetime, string.Join(' ', registration.Objects));
        }
    }

    void TellEvent(LogRecord record)
    {
        Interlocked.Increment(ref _events);
        // A busy gateway is told of by its rates.
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        if (second != _second)
            (_second, _lines) = (second, 0);
        if (++_lines > MostLinesPerSecond || record.Value is null)
            return;
        var topic = record.Headers.FirstOrDefault(h => h.Name == EventHeaders.MqttTopic).Value;
        var payload = Encoding.UTF8.GetString(record.Value);
        LogEvent(topic is null ? "?" : Encoding.UTF8.GetString(topic), payload.Length > LongestPayload ? payload[..LongestPayload] + "..." : payload);
    }

    void ShowDoors()
    {
        var coap = ingress.Open.Count > 0 ? ingress.Open[0].LocalEndPoint.ToString() : "no listener";
        LogDoors(coap, brokers.Mqtt.Server, brokers.Kafka.BootstrapServers);
        if (brokers.KafkaBroker is not null)
            LogVolatile();
        var host = new Uri(brokers.Mqtt.Server);
        var topic = new Mountpoint(live.Current.Lwm2m.Mountpoint).Filter("");
        var port = host.Port > 0 ? host.Port : 1883;
        LogTry($"mosquitto_sub -h {host.Host} -p {port} -v -t '{topic}#'");
        LogTry($"mosquitto_pub -h {host.Host} -p {port} -t '{ExampleTopic()}' -m '{{\"reqID\":1,\"msgType\":\"read\",\"data\":{{\"path\":\"/3/0/0\"}}}}'");
        LogTry($"kcat -b {brokers.Kafka.BootstrapServers} -C -t {_topics.Events} -o end -f '%k %s\\n'");
        if (http.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address)
            LogTry($"curl -X POST '{address}/api/v5/gateways/lwm2m/clients/{Example}/read?path=/3/0/0&wait=true'");
    }

    string ExampleTopic()
    {
        var client = new ClientIdentity { Clientid = Example, Username = Example, Peerhost = "127.0.0.1", Zone = "default" };
        var topic = live.Current.Lwm2m.Translators.Command.Topic.Replace("#", "cmd", StringComparison.Ordinal).Replace("+", "cmd", StringComparison.Ordinal);
        return new Mountpoint(live.Current.Lwm2m.Mountpoint).Render(Example, client) + topic;
    }

    [LoggerMessage(1, LogLevel.Information, "+ {Endpoint} registered from {Peer}: LwM2M {Version}, lifetime {Lifetime} s, {Objects}")]
    partial void LogRegistered(string endpoint, string peer, string version, long lifetime, string objects);

    [LoggerMessage(2, LogLevel.Information, "- {Endpoint} is gone")]
    partial void LogGone(string endpoint);

    [LoggerMessage(3, LogLevel.Information, "{Topic} {Payload}")]
    partial void LogEvent(string topic, string payload);

    [LoggerMessage(4, LogLevel.Information, "In the last {Seconds} s: {Events} events ({Rate:0.0}/s); {Devices} devices registered")]
    partial void LogRate(double seconds, long events, double rate, int devices);

    [LoggerMessage(5, LogLevel.Information, "Devices: CoAP {Coap}. Applications: MQTT {Mqtt}. Data platforms: Kafka {Kafka}")]
    partial void LogDoors(string coap, string mqtt, string kafka);

    [LoggerMessage(6, LogLevel.Information, "The embedded Kafka broker keeps everything until this process ends, at most 5 MiB of each partition; set kafka.bootstrap_servers for more")]
    partial void LogVolatile();

    [LoggerMessage(7, LogLevel.Information, "Try: {Command}")]
    partial void LogTry(string command);
}
