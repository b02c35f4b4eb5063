using Contracts;
using Ingress.Journal;
using Ingress.Registrations;
using Protocol.Coap;

namespace Ingress.Observations;

/// <summary>One observation of a session, with what this process knows of its notifications.</summary>
sealed class ObservedPath(Session session, Observation observation)
{
    public Session Session { get; } = session;
    public Observation Observation { get; } = observation;
    public CoapToken Token { get; } = new(observation.Token.Span);

    /// <summary>The fields that all its notifications share, encoded.</summary>
    public byte[] Context { get; } = UplinkRecords.ObservationContext(observation);

    /// <summary>The freshest notification so far (RFC 7641 section 3.4).</summary>
    public ObserveFreshness? Freshest { get; set; }
}
