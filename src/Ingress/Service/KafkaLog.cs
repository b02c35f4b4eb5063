using Contracts;
using Ingress.Journal;
using Messaging;

namespace Ingress.Service;

/// <summary>The log as Kafka keeps it.</summary>
sealed class KafkaLog(LogProducer producer, LogReader sessions, Topics topics, int partitions) : ILog
{
    // Longer than that a device would wait in vain; it asks again.
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    public AppendStatus TryAppend(string topic, int partition, byte[] key, byte[]? value, IAppendSink sink, long cookie) =>
        producer.TryAppend(topic, partition, key, value, null, sink, cookie);

    public void AskForEndOfSessions(Action<bool> answer) => _ = Ask(answer);

    async Task Ask(Action<bool> answer)
    {
        bool[] reached;
        try
        {
            reached = await Task.WhenAll(Enumerable.Range(0, partitions).Select(p => sessions.CatchUpAsync(topics.Sessions, p, Bound)));
        }
        catch (ObjectDisposedException)
        {
            // This process is stopping: the question stays open, and the device asks the next one.
            reached = [false];
        }

        answer(Array.TrueForAll(reached, r => r));
    }
}
