using System.Collections.Concurrent;
using System.Globalization;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Pipeline.IntegrationTests.Mqtt;

/// <summary>An application that commands devices by MQTT at a steady rate, numbered for each device, and knows what the broker has taken.</summary>
sealed class CommandSource : IAsyncDisposable
{
    const int Devices = 10;

    static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(50);

    readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    readonly ConcurrentQueue<string> _taken = new();
    readonly CancellationTokenSource _end = new();
    string _devices = "";
    Task _sending = Task.CompletedTask;

    /// <summary>Commands that the broker has acknowledged.</summary>
    public IReadOnlyCollection<string> Taken => _taken;

    /// <param name="devices">How the names of its devices begin.</param>
    public static async Task<CommandSource> StartAsync(int port, string devices = "dev")
    {
        var source = new CommandSource { _devices = devices };
        await source._client.ConnectAsync(
            new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(MqttProtocolVersion.V500).Build());
        source._sending = Task.Run(source.SendAsync);
        return source;
    }

    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _sending;
    }

    /// <summary>Null where all is well: each command stands in the log once, those of a device in their order.</summary>
    public string? Check(IReadOnlyList<string> log)
    {
        var missing = _taken.Except(log).ToList();
        if (missing.Count > 0)
            return $"{missing.Count} of {_taken.Count} are missing, the first is {missing[0]}";
        var doubled = log.GroupBy(command => command).Where(same => same.Count() > 1).Select(same => same.Key).ToList();
        if (doubled.Count > 0)
            return $"{doubled.Count} stand there twice: {string.Join(", ", doubled.Take(10))}";
        foreach (var device in log.Select(command => command.Split(' ')).GroupBy(parts => parts[0], parts => int.Parse(parts[1], CultureInfo.InvariantCulture)))
        {
            if (!device.SequenceEqual(device.Order()))
                return $"{device.Key}: {string.Join(' ', device.Zip(device.Skip(1)).Where(pair => pair.Second < pair.First).Take(5))} are out of order";
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
        _end.Dispose();
    }

    async Task SendAsync()
    {
        for (var number = 0; !_end.IsCancellationRequested; number++)
        {
            for (var device = 0; device < Devices; device++)
            {
                await _client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic($"lwm2m/{_devices}-{device}/dn/x").WithPayload($"{_devices}-{device} {number}")
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());
                _taken.Enqueue($"{_devices}-{device} {number}");
            }

            await Task.Delay(Rhythm);
        }
    }
}
