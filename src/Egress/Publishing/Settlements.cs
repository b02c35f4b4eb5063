namespace Egress.Publishing;

/// <summary>What one loop of a connection has settled under the lock, to be told outside of it.</summary>
internal sealed class Settlements(IPublicationSink sink)
{
    private readonly List<Publication> _published = [];
    private readonly List<(Publication Publication, string Reason)> _undeliverable = [];

    public void Published(in Publication publication) => _published.Add(publication);

    public void Undeliverable(in Publication publication, string reason) => _undeliverable.Add((publication, reason));

    public void Tell()
    {
        foreach (var publication in _published)
        {
            sink.Published(publication);
        }

        foreach (var (publication, reason) in _undeliverable)
        {
            sink.Undeliverable(publication, reason);
        }

        _published.Clear();
        _undeliverable.Clear();
    }
}
