using System.Collections.Concurrent;
using Contracts;
using Hosting;

namespace Dashboard.Clients;

/// <summary>What the MQTT topics of a client begin with: the mountpoint of its listener, else that of the gateway.</summary>
sealed class ClientMountpoints(LiveConfiguration live)
{
    readonly ConcurrentDictionary<string, Mountpoint> _templates = new();

    public string Of(RegistrationRecord client)
    {
        var options = live.Current.Lwm2m;
        var own = client.Client.Listener.Split(':') switch
        {
            ["udp", var name] => options.Listeners.Udp.GetValueOrDefault(name)?.Mountpoint,
            ["dtls", var name] => options.Listeners.Dtls.GetValueOrDefault(name)?.Mountpoint,
            _ => null,
        };
        // As many as there are listeners, and one.
        var template = _templates.GetOrAdd(own ?? options.Mountpoint, static template => new Mountpoint(template));
        return template.Render(client.Endpoint, client.Client.ToIdentity());
    }
}
