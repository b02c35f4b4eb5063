using System.Diagnostics;
using Hosting.Traces;
using Messaging;

namespace Egress.Relay;

/// <summary>One command for one device on its way into Kafka; the same one however often the broker delivers it.</summary>
internal sealed class RelayedCommand : IAppendSink
{
    private TaskCompletionSource<bool> _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public required byte[] Key { get; init; }
    public required byte[] Value { get; set; }
    public required RecordHeader[] Headers { get; init; }

    /// <summary>From the message to Kafka's acknowledgement; null where that is not traced.</summary>
    public Activity? Span { get; init; }

    /// <summary>Completes when Kafka has it.</summary>
    public Task Written { get; private set; } = Task.CompletedTask;

    /// <summary>Gives it to Kafka, waiting while Kafka takes nothing; returns when it has its place in the order. Kafka's acknowledgement is <see cref="Written"/>.</summary>
    /// <param name="appender">Writes it.</param>
    /// <param name="topic">Where to.</param>
    /// <param name="time">The clock of the pauses.</param>
    /// <param name="ct">Cancels the waiting for a place.</param>
    /// <param name="term">Cancels the waiting for the acknowledgement, which outlives the MQTT connection that the command came on.</param>
    /// <returns>False where it is larger than Kafka takes: it has gone without its payload, so that it is refused and thereby answered.</returns>
    public async Task<bool> HandAsync(IAppender appender, string topic, TimeProvider time, CancellationToken ct, CancellationToken term)
    {
        var isWhole = true;
        while (appender.TryAppend(topic, -1, Key, Value, Headers, this, 0) is var status and not AppendStatus.Handed)
        {
            if (status == AppendStatus.TooLarge && Value.Length > 0)
            {
                (Value, isWhole) = ([], false);
                continue;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
        }

        Written = EnsureAsync(appender, topic, time, term);
        return isWhole;
    }

    void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded)
    {
        if (succeeded)
        {
            Span?.End();
        }

        _appended.TrySetResult(succeeded);
    }

    // What the client gave up may stand in the log all the same: written again under its old id it is still one command.
    private async Task EnsureAsync(IAppender appender, string topic, TimeProvider time, CancellationToken term)
    {
        if (!await _appended.Task.WaitAsync(term))
        {
            _appended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            await HandAsync(appender, topic, time, term, term);
            await Written;
        }
    }
}
