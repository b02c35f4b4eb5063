using Contracts;
using Dashboard.Http;
using Messaging;

namespace Dashboard.Clients;

/// <summary>Finds clients by id. That there is none is said only at the end of the log.</summary>
sealed class ClientFinder(ClientTable clients, LogReader reader, Topics topics, int partitions)
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    /// <summary>The client, or the error to answer with.</summary>
    /// <param name="code">Of the error where there is no such client; EMQX has two.</param>
    public async Task<(RegistrationRecord? Client, ApiAnswer? Problem)> FindAsync(string clientId, string code)
    {
        if (clients.TryFind(clientId, out var client))
            return (client, null);
        var atEnd = await Task.WhenAll(Enumerable.Range(0, partitions).Select(p => reader.CatchUpAsync(topics.Registrations, p, Bound)));
        if (clients.TryFind(clientId, out client))
            return (client, null);
        return (null, Array.TrueForAll(atEnd, isAtEnd => isAtEnd)
            ? ApiAnswer.NotFound(code, "Client not found")
            : ApiAnswer.Unavailable("the registrations cannot be read to their end now"));
    }
}
