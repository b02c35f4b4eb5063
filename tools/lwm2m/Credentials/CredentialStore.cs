using System.Diagnostics;
using System.Text;
using Contracts;
using Ingress.Security;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Tools.Credentials;

/// <summary>The topic of credentials, read to its end and written to.</summary>
sealed class CredentialStore : IDisposable
{
    const string ClientId = "lwm2m-tool-credentials";
    const int WrittenAtOnce = 1000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    readonly SortedDictionary<string, byte[]> _records = new(StringComparer.Ordinal);
    readonly string _topic;
    readonly LogReader _reader;
    readonly LogProducer _producer;

    CredentialStore(KafkaConnection connection)
    {
        _topic = new Topics(connection.Options.TopicPrefix).Credentials;
        _reader = new LogReader(connection, ClientId, NullLogger.Instance);
        _producer = new LogProducer(connection, ClientId, NullLogger.Instance);
    }

    /// <summary>Values, still sealed, by what is proven with them: "psk:dev-1".</summary>
    public IReadOnlyDictionary<string, byte[]> Records => _records;

    /// <exception cref="IOException">Kafka does not answer, or the topic is not there.</exception>
    public static async Task<CredentialStore> OpenAsync(KafkaConnection connection, CancellationToken cancellation)
    {
        var store = new CredentialStore(connection);
        try
        {
            await store.ReadAsync(connection, cancellation);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Writes records, all of which Kafka has when it returns.</summary>
    /// <param name="records">Null as a value: removed.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">Kafka does not take one of them.</exception>
    public async Task WriteAsync(IEnumerable<(string Identity, byte[]? Value)> records, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Patience);
        try
        {
            foreach (var some in records.Chunk(WrittenAtOnce))
            {
                var results = await Task.WhenAll(some.Select(r => _producer.AppendAsync(_topic, 0, CredentialRecord.KeyOf(r.Identity), r.Value, null, bound.Token)));
                if (results.Any(r => !r.Succeeded))
                    throw new IOException("Kafka has not taken all of it: say it again");
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException("Kafka has not taken all of it in time: say it again");
        }
    }

    public void Dispose()
    {
        _producer.Dispose();
        _reader.Dispose();
    }

    async Task ReadAsync(KafkaConnection connection, CancellationToken cancellation)
    {
        using (var index = new LogIndex(connection, ClientId))
        {
            if (index.Partitions(_topic) == 0)
                throw new IOException($"The topic {_topic} is not there: lwm2m topics apply, or another --prefix");
        }

        _reader.Start([new LogPosition(_topic, 0, LogPosition.Beginning)], Take);
        var watch = Stopwatch.StartNew();
        while (!_reader.IsCaughtUp)
        {
            if (watch.Elapsed > Patience)
                throw new IOException($"{_topic} cannot be read to its end");
            await Task.Delay(LookEvery, cancellation);
        }

        // From here on it stays as it is.
        _reader.Unassign([new TopicPartition(_topic, 0)]);
    }

    void Take(LogRecord record)
    {
        var identity = Encoding.UTF8.GetString(record.Key);
        if (record.Value is { } value)
            _records[identity] = value;
        else
            _records.Remove(identity);
    }
}
