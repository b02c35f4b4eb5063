using Messaging;

namespace Ingress.Journal;

/// <summary>Where records are written: Kafka's producer, or logs in memory under a test's scheduler.</summary>
interface ILog
{
    /// <inheritdoc cref="LogProducer.TryAppend"/>
    AppendStatus TryAppend(string topic, int partition, byte[] key, byte[]? value, IAppendSink sink, long cookie);

    /// <summary>Answers, later and on any thread, once everything that stands in the sessions topic now has been read: true; false when that takes too long.</summary>
    void AskForEndOfSessions(Action<bool> answer);
}
