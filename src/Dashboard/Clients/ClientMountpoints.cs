using Contracts;
using Contracts.Configuration;
using Hosting;

namespace Dashboard.Clients;

/// <summary>What the MQTT topics of a client begin with, by the configuration in force.</summary>
sealed class ClientMountpoints(LiveConfiguration live)
{
    volatile Known? _known;

    public string Of(RegistrationRecord client)
    {
        var options = live.Current.Lwm2m;
        if (_known is not { } known || !ReferenceEquals(known.Options, options))
            _known = known = new Known(options, new Mountpoints(options));
        return known.Mountpoints.Of(client.Client.Listener).Render(client.Endpoint, client.Client.ToIdentity());
    }

    sealed class Known(Lwm2mOptions options, Mountpoints mountpoints)
    {
        public Lwm2mOptions Options => options;
        public Mountpoints Mountpoints => mountpoints;
    }
}
