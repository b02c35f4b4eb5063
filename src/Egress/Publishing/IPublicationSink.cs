namespace Egress.Publishing;

/// <summary>Hears what became of the publications of a connection. Called from any thread.</summary>
internal interface IPublicationSink
{
    /// <summary>The broker has acknowledged it.</summary>
    void Published(in Publication publication);

    /// <summary>It can never be published.</summary>
    void Undeliverable(in Publication publication, string reason);
}
