using Contracts;
using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>Makes sure that the topics exist as they must.</summary>
public static class TopicProvisioning
{
    public static Task EnsureAsync(KafkaConnection connection, IReadOnlyList<TopicSpec> topics, ILogger logger, CancellationToken ct) => throw new NotImplementedException();
}
