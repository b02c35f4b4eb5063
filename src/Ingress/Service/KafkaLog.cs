using Contracts;
using Ingress.Journal;
using Messaging;

namespace Ingress.Service;

/// <summary>The log as Kafka keeps it.</summary>
sealed class KafkaLog(LogProducer producer, LogReader sessions, Topics topics, int partitions) : ILog
{
    // Longer than that a device would wait in vain; it asks again.
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    readonly Lock _gate = new();
    List<Action<bool>> _asked = [];
    bool _isAsking;

    public AppendStatus TryAppend(string topic, int partition, byte[] key, byte[]? value, IAppendSink sink, long cookie) =>
        producer.TryAppend(topic, partition, key, value, null, sink, cookie);

    /// <summary>Whatever is asked while an answer is under way waits for the next, which holds for all: a storm of questions costs one at a time.</summary>
    public void AskForEndOfSessions(Action<bool> answer)
    {
        lock (_gate)
        {
            _asked.Add(answer);
            if (_isAsking)
                return;
            _isAsking = true;
        }

        _ = AnswerAsync();
    }

    async Task AnswerAsync()
    {
        while (TakeAsked() is { Count: > 0 } asked)
        {
            var isReached = await IsReadToEndAsync();
            foreach (var answer in asked)
                answer(isReached);
        }
    }

    List<Action<bool>> TakeAsked()
    {
        lock (_gate)
        {
            var asked = _asked;
            _asked = [];
            _isAsking = asked.Count > 0;
            return asked;
        }
    }

    async Task<bool> IsReadToEndAsync()
    {
        try
        {
            var reached = await Task.WhenAll(Enumerable.Range(0, partitions).Select(p => sessions.CatchUpAsync(topics.Sessions, p, Bound)));
            return Array.TrueForAll(reached, r => r);
        }
        catch (ObjectDisposedException)
        {
            // This process is stopping: the question stays open, and the device asks the next one.
            return false;
        }
    }
}
