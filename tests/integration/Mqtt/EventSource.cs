using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.IntegrationTests.Mqtt;

/// <summary>Writes events as the Translator does, numbered for each device, at a steady rate, and remembers where each stands.</summary>
sealed class EventSource : IAsyncDisposable
{
    const int Devices = 20;

    static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(50);

    readonly LogProducer _producer;
    readonly Topics _topics;
    readonly CancellationTokenSource _end = new();
    readonly ConcurrentDictionary<string, AppendResult> _written = new();
    Task _telling = Task.CompletedTask;
    int _next;

    public EventSource(KafkaConnection kafka)
    {
        _producer = new LogProducer(kafka, "events", NullLogger.Instance);
        _topics = new Topics(kafka.Options.TopicPrefix);
    }

    /// <summary>Events that stand in the log: the payload, and where.</summary>
    public IReadOnlyDictionary<string, AppendResult> Written => _written;

    public void Start() => _telling = Task.Run(async () =>
    {
        while (!_end.IsCancellationRequested)
        {
            await TellAsync(_next++);
            await Task.Delay(Rhythm);
        }
    });

    /// <summary>Tells the last events again, as a Translator does that has died before it could commit.</summary>
    public async Task TellAgainAsync(int rounds)
    {
        for (var number = _next - rounds; number < _next; number++)
            await TellAsync(number);
    }

    /// <summary>One that MQTT does not take.</summary>
    public Task<AppendResult> TellForbiddenAsync(int device) => WriteAsync($"dev-{device}", "forbidden/topic", $"forbidden {device}");

    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _telling;
    }

    /// <summary>Null where all is well: everything has been heard, first arrivals in the order of each device, repetitions under one id.</summary>
    public string? Check(IReadOnlyList<FaithfulSubscriber.Heard> heard)
    {
        var first = heard.DistinctBy(message => message.Payload).Select(message => message.Payload.Split(' ')).ToLookup(parts => parts[0], parts => Number(parts[1]));
        foreach (var device in Enumerable.Range(0, Devices).Select(d => $"dev-{d}"))
        {
            var numbers = first[device].ToList();
            var missing = Enumerable.Range(0, _next).Except(numbers).ToList();
            if (missing.Count > 0)
                return $"{device}: {missing.Count} of {_next} are missing, the first is {missing[0]}";
            if (!numbers.SequenceEqual(numbers.Order()))
                return $"{device}: {string.Join(' ', numbers.Zip(numbers.Skip(1)).Where(pair => pair.Second < pair.First).Take(5))} are out of order";
        }

        var twoIds = heard.GroupBy(message => message.Payload).FirstOrDefault(same => same.Select(message => message.EventId).Distinct().Count() > 1);
        return twoIds is null ? null : $"{twoIds.Key} came under two ids";
    }

    /// <summary>What was heard more than once.</summary>
    public IReadOnlyList<(string Payload, AppendResult Where)> Repeated(IReadOnlyList<FaithfulSubscriber.Heard> heard) =>
        [.. heard.GroupBy(message => message.Payload).Where(same => same.Count() > 1).Select(same => (same.Key, _written[same.Key]))];

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _producer.Dispose();
        _end.Dispose();
    }

    async Task TellAsync(int number)
    {
        var results = await Task.WhenAll(Enumerable.Range(0, Devices).Select(d => WriteAsync($"dev-{d}", $"lwm2m/dev-{d}/up/notify", $"dev-{d} {number}")));
        for (var d = 0; d < Devices; d++)
            _written.TryAdd($"dev-{d} {number}", results[d]);
    }

    Task<AppendResult> WriteAsync(string device, string topic, string payload)
    {
        var id = $"{EventId.Of(Encoding.UTF8.GetBytes(payload))}-0";
        RecordHeader[] headers = [new(EventHeaders.Id, Encoding.UTF8.GetBytes(id)), new(EventHeaders.MqttTopic, Encoding.UTF8.GetBytes(topic))];
        return _producer.AppendAsync(_topics.Events, -1, Encoding.UTF8.GetBytes(device), Encoding.UTF8.GetBytes(payload), headers, CancellationToken.None);
    }

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
