using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>Writes records: idempotent, acknowledged by all replicas, in order per partition. Thread-safe.</summary>
public sealed class LogProducer : IDisposable
{
    public LogProducer(KafkaConnection connection, string clientId, ILogger logger) => throw new NotImplementedException();
    public bool BrokersAway => throw new NotImplementedException();
    /// <summary>Faults when the producer cannot go on (fatal error, a sink that threw): the process should end.</summary>
    public Task Completion => throw new NotImplementedException();
    public AppendStatus TryAppend(string topic, int partition, byte[]? key, byte[]? value, RecordHeader[]? headers, IAppendSink sink, long cookie) => throw new NotImplementedException();
    public Task<AppendResult> AppendAsync(string topic, int partition, byte[]? key, byte[]? value, RecordHeader[]? headers, CancellationToken ct) => throw new NotImplementedException();
    public void Flush(TimeSpan timeout) => throw new NotImplementedException();
    public void Dispose() => throw new NotImplementedException();
}
