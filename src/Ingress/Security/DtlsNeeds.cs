using Microsoft.Extensions.Logging;

namespace Ingress.Security;

/// <summary>What DTLS listeners share with the rest of the process.</summary>
sealed record DtlsNeeds(CredentialFile Credentials, IngressTelemetry Telemetry, TimeProvider Time, ILogger Logger, int MaxSessions, int Slot);
