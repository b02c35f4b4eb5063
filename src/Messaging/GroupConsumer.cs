using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>One member of a consumer group. Starts at the beginning where nothing is committed.</summary>
public sealed class GroupConsumer : IDisposable
{
    public GroupConsumer(KafkaConnection connection, string group, string clientId, IReadOnlyList<string> topics, IGroupHandler handler, int maxInFlightPerPartition, ILogger logger) => throw new NotImplementedException();
    /// <summary>Has an assignment, possibly an empty one, and all its partitions are released.</summary>
    public bool Assigned => throw new NotImplementedException();
    /// <summary>Lag of the assigned partitions, about a second old.</summary>
    public IReadOnlyList<PartitionLag> Lags => throw new NotImplementedException();
    /// <summary>Ends when the consumer has stopped; faults when it cannot go on (the handler threw, fatal error): the process should end.</summary>
    public Task Completion => throw new NotImplementedException();
    public void Start() => throw new NotImplementedException();
    public void Done(string topic, int partition, long offset) => throw new NotImplementedException();
    public Task StopAsync(TimeSpan drain) => throw new NotImplementedException();
    public void Dispose() => throw new NotImplementedException();
}
