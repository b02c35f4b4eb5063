using Contracts;
using Contracts.Configuration;
using Ingress.Registrations;
using Ingress.Sockets;

namespace Ingress.Access;

/// <summary>Who a device says it is, after <c>clientinfo_override</c>.</summary>
static class Identity
{
    /// <summary>Null and the sentence for the device where an override makes a name that may not stand in a topic.</summary>
    public static AdmissionQuestion? Of(string endpoint, RegisterRequest request, in Peer peer, string listener, string? proven, ClientInfoOverride? replaced, out string error)
    {
        error = "";
        var said = new ClientIdentity
        {
            Clientid = request.DeviceId ?? endpoint,
            Username = request.Imei ?? endpoint,
            Peerhost = peer.ToEndPoint().Address.ToString(),
            Zone = "default",
            Listener = listener,
            Identity = proven ?? "",
        };
        if (replaced is null)
            return new AdmissionQuestion(endpoint, said, request.Password);

        var values = new DeviceValues(endpoint, said, request.Password);
        var client = said.Clone();
        client.Username = Replace(replaced.Username, values) ?? said.Username;
        client.Clientid = Replace(replaced.Clientid, values) ?? said.Clientid;
        if (Mountpoint.IsSafe(client.Username) && Mountpoint.IsSafe(client.Clientid))
            return new AdmissionQuestion(endpoint, client, Replace(replaced.Password, values) ?? request.Password);
        error = "clientinfo_override makes a name that is empty or holds '+', '#', '/' or a control character";
        return null;
    }

    // A placeholder without a value, such as that of a certificate where there is none, leaves what the device said.
    static string? Replace(string? template, DeviceValues values) =>
        template is null ? null : new Template(template).TryRender(values.Of, out var text) ? text : null;
}
