using Contracts;
using Translator.Uplink;

namespace Translator.Downlink;

/// <summary>An outcome that the Translator itself decides. It goes to the uplink log like any other.</summary>
internal static class OwnOutcome
{
    /// <param name="registration">The device's registration, also one that has ended; null where there never was one.</param>
    /// <param name="mountpoint">Rendered prefix of the command, for a device that nobody knows.</param>
    public static UplinkEvent Of(
        string endpoint, CommandContext context, Outcome outcome, string reason, RegistrationRecord? registration, string mountpoint, long nowMs)
    {
        var id = EventId.OfOutcome(context.CommandId);
        var uplink = new UplinkEvent
        {
            Schema = Contracts.Schema.Current,
            IdHigh = id.High,
            IdLow = id.Low,
            Kind = EventKind.Outcome,
            Endpoint = endpoint,
            ReceivedNs = (ulong)nowMs * 1_000_000,
            Path = context.ReqPath,
            Command = context,
            Outcome = outcome,
            Reason = reason,
        };
        if (registration is null)
        {
            uplink.Mountpoint = mountpoint;
            return uplink;
        }

        uplink.Client = registration.Client.ToIdentity();
        uplink.RegistrationId = registration.RegistrationId;
        uplink.Lwm2MVersion = registration.Lwm2mVersion;
        uplink.AlternatePath = registration.AlternatePath;
        uplink.Peer = registration.Peer;
        uplink.Denied = registration.Denied;
        return uplink;
    }
}
