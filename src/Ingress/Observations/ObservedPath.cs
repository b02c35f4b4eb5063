using Contracts;
using Ingress.Journal;
using Ingress.Registrations;
using Protocol.Coap;

namespace Ingress.Observations;

/// <summary>
/// One observation of a session: what finds it, and what this process knows of its notifications. The rest stays in the record until it is
/// needed, because most replicas never hear of it.
/// </summary>
sealed class ObservedPath(Session session, Observation observation)
{
    byte[]? _context;

    public Session Session { get; } = session;
    public string Path { get; } = observation.Path;

    /// <summary>Empty: none in this registration yet.</summary>
    public CoapToken Token { get; } = new(observation.Token.Span);

    /// <summary>Number of the record because of which it is to be observed (again); 0 = it is observed.</summary>
    public ulong Due { get; } = observation.Due;

    /// <summary>False: it is being cancelled.</summary>
    public bool IsWanted { get; } = observation.Wanted;

    /// <summary>Wanted by auto-observe only.</summary>
    public bool IsAutomatic { get; } = observation.Automatic;

    /// <summary>The command that wants it.</summary>
    public string CommandId { get; } = observation.Command?.CommandId ?? "";

    /// <summary>As it stands in the record that counts.</summary>
    public Observation Observation => Session.ToRecord().Observations.First(o => o.Path == Path);

    /// <summary>The fields that all its notifications share, encoded. Made once it notifies.</summary>
    public byte[] Context => _context ??= UplinkRecords.ObservationContext(Observation);

    /// <summary>The freshest notification so far (RFC 7641 section 3.4).</summary>
    public ObserveFreshness? Freshest { get; set; }
}
