using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>Reads given partitions without a group, in log order, on a thread of its own.</summary>
public sealed class LogReader : IDisposable
{
    public LogReader(KafkaConnection connection, string clientId, ILogger logger) => throw new NotImplementedException();
    /// <summary>True when each assigned partition has been handled up to where its log ended at assignment.</summary>
    public bool IsCaughtUp => throw new NotImplementedException();
    /// <summary>Faults when the reader cannot go on (the handler threw, fatal error): the process should end.</summary>
    public Task Completion => throw new NotImplementedException();
    public void Start(IReadOnlyList<LogPosition> from, Action<LogRecord> handle) => throw new NotImplementedException();
    /// <summary>Adds partitions while running; one that is read already starts anew.</summary>
    public void Assign(IReadOnlyList<LogPosition> from) => throw new NotImplementedException();
    /// <summary>Drops partitions; when it returns, no record of them is being or will be handled.</summary>
    public void Unassign(IReadOnlyList<TopicPartition> partitions) => throw new NotImplementedException();
    /// <summary>True when everything that was in the log at the call has been handled; false when the bound passed first.</summary>
    public Task<bool> CatchUpAsync(string topic, int partition, TimeSpan bound) => throw new NotImplementedException();
    /// <summary>The offset behind the newest record, of any partition. Works before <see cref="Start"/>. Throws TimeoutException when the bound passes first.</summary>
    public Task<long> EndOffsetAsync(string topic, int partition, TimeSpan bound) => throw new NotImplementedException();
    public void Dispose() => throw new NotImplementedException();
}
