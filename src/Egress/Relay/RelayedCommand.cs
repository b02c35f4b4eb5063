using Messaging;

namespace Egress.Relay;

/// <summary>One command for one device on its way into Kafka; the same one however often the broker delivers it.</summary>
internal sealed class RelayedCommand : IAppendSink
{
    private TaskCompletionSource<bool> _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public required byte[] Key { get; init; }
    public required byte[] Value { get; init; }
    public required RecordHeader[] Headers { get; init; }

    /// <summary>Completes when Kafka has it.</summary>
    public Task Written { get; private set; } = Task.CompletedTask;

    /// <summary>Gives it to Kafka, waiting while Kafka takes nothing; returns when it has its place in the order. Kafka's acknowledgement is <see cref="Written"/>.</summary>
    /// <param name="producer">Writes it.</param>
    /// <param name="topic">Where to.</param>
    /// <param name="time">The clock of the pauses.</param>
    /// <param name="ct">Cancels the waiting for a place.</param>
    /// <param name="term">Cancels the waiting for the acknowledgement, which outlives the MQTT connection that the command came on.</param>
    public async Task HandAsync(LogProducer producer, string topic, TimeProvider time, CancellationToken ct, CancellationToken term)
    {
        while (producer.TryAppend(topic, -1, Key, Value, Headers, this, 0) != AppendStatus.Handed)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
        }

        Written = EnsureAsync(producer, topic, time, term);
    }

    void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded) => _appended.TrySetResult(succeeded);

    // What the client gave up may stand in the log all the same: written again under its old id it is still one command.
    private async Task EnsureAsync(LogProducer producer, string topic, TimeProvider time, CancellationToken term)
    {
        if (!await _appended.Task.WaitAsync(term))
        {
            _appended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            await HandAsync(producer, topic, time, term, term);
            await Written;
        }
    }
}
