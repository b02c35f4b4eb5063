using Ingress.Forwarding;
using Microsoft.Extensions.Logging;

namespace Ingress.Security;

/// <summary>What DTLS listeners share with the rest of the process.</summary>
sealed record DtlsNeeds(Credentials Credentials, IngressTelemetry Telemetry, TimeProvider Time, ILogger Logger, int MaxSessions, int Slot)
{
    /// <summary>For which endpoints the name in a certificate counts (<c>credentials.x509_endpoint</c>).</summary>
    public Func<string?> X509Endpoint { get; init; } = () => null;

    /// <summary>Who hands records of other replicas' sessions to them; null: nobody.</summary>
    public Forwarder? Forwarder { get; init; }

    /// <summary>Who tells the world of handshakes that failed; null: nobody.</summary>
    public FailedHandshakes? Failures { get; init; }

    /// <summary>Where sessions are written, for whoever has the slot next; null: nowhere.</summary>
    public SavedSessions? Saved { get; init; }
}
