using Messaging;

namespace Egress.Publishing;

/// <summary>What one loop of a connection has settled under the lock, to be told outside of it.</summary>
internal sealed class Settlements(IPublicationSink sink)
{
    private readonly List<LogRecord> _published = [];
    private readonly List<(LogRecord Record, string Reason)> _undeliverable = [];

    public void Published(in Publication publication) => _published.Add(publication.Record);

    public void Undeliverable(in Publication publication, string reason) => _undeliverable.Add((publication.Record, reason));

    public void Tell()
    {
        foreach (var record in _published)
        {
            sink.Published(record);
        }

        foreach (var (record, reason) in _undeliverable)
        {
            sink.Undeliverable(record, reason);
        }

        _published.Clear();
        _undeliverable.Clear();
    }
}
