namespace Messaging;

/// <summary>A record that somebody awaits: waiting for room, or on its way.</summary>
internal sealed class PendingAppend(TopicPartition lane, byte[]? key, byte[]? value, RecordHeader[]? headers) : IAppendSink
{
    private readonly TaskCompletionSource<AppendResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TopicPartition Lane { get; } = lane;
    public byte[]? Key { get; } = key;
    public byte[]? Value { get; } = value;
    public RecordHeader[]? Headers { get; } = headers;
    public Task<AppendResult> Outcome => _outcome.Task;

    /// <summary>Nobody waits any longer: not to be handed over.</summary>
    public volatile bool Abandoned;

    public void Refuse() => _outcome.TrySetResult(new AppendResult(Lane.Partition, -1, false));

    public void Appended(long cookie, int partition, long offset, bool succeeded) =>
        _outcome.TrySetResult(new AppendResult(partition, offset, succeeded));
}
