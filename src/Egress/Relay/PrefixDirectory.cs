using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;

namespace Egress.Relay;

/// <summary>Which devices have which MQTT prefix, from the registrations. One thread writes, others look up.</summary>
internal sealed class PrefixDirectory(Lwm2mOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Prefix, ulong Number)> _byEndpoint = [];

    // Nearly every prefix has one device; a set only where it is shared.
    private readonly Dictionary<string, object> _byPrefix = [];
    private readonly Dictionary<string, Mountpoint> _byListener = Listeners(options);
    private readonly Mountpoint _mountpoint = new(options.Mountpoint);

    /// <summary>Takes a record of the registrations topic; what is no registration is passed over.</summary>
    public void Take(LogRecord record)
    {
        if (record.Value is null)
        {
            lock (_gate)
            {
                Remove(Encoding.UTF8.GetString(record.Key));
            }

            return;
        }

        if (!RegistrationRecord.TryParse(record.Value, out var registration))
        {
            return;
        }

        var mountpoint = _byListener.GetValueOrDefault(registration!.Client.Listener, _mountpoint);
        var prefix = registration.IsLive ? mountpoint.Render(registration.Endpoint, registration.Client.ToIdentity()) : "";
        lock (_gate)
        {
            if (_byEndpoint.TryGetValue(registration.Endpoint, out var known) && registration.Number < known.Number)
            {
                return; // a late one, of a process that was paused
            }

            Remove(registration.Endpoint);
            _byEndpoint[registration.Endpoint] = (prefix, registration.Number);
            if (registration.IsLive)
            {
                Add(prefix, registration.Endpoint);
            }
        }
    }

    /// <summary>Adds to <paramref name="endpoints"/> those that have the prefix.</summary>
    public void Find(string prefix, ISet<string> endpoints)
    {
        lock (_gate)
        {
            switch (_byPrefix.GetValueOrDefault(prefix))
            {
                case string endpoint:
                    endpoints.Add(endpoint);
                    break;
                case HashSet<string> shared:
                    endpoints.UnionWith(shared);
                    break;
            }
        }
    }

    private void Add(string prefix, string endpoint)
    {
        switch (_byPrefix.GetValueOrDefault(prefix))
        {
            case null:
                _byPrefix[prefix] = endpoint;
                break;
            case string other:
                _byPrefix[prefix] = new HashSet<string> { other, endpoint };
                break;
            case HashSet<string> shared:
                shared.Add(endpoint);
                break;
        }
    }

    private void Remove(string endpoint)
    {
        if (!_byEndpoint.Remove(endpoint, out var known))
        {
            return;
        }

        if (_byPrefix.GetValueOrDefault(known.Prefix) is HashSet<string> { Count: > 1 } shared)
        {
            shared.Remove(endpoint);
        }
        else
        {
            _byPrefix.Remove(known.Prefix);
        }
    }

    private static Dictionary<string, Mountpoint> Listeners(Lwm2mOptions options)
    {
        var udp = options.Listeners.Udp.Select(listener => ("udp:" + listener.Key, listener.Value.Mountpoint));
        var dtls = options.Listeners.Dtls.Select(listener => ("dtls:" + listener.Key, listener.Value.Mountpoint));
        return udp.Concat(dtls).Where(listener => listener.Mountpoint is not null)
            .ToDictionary(listener => listener.Item1, listener => new Mountpoint(listener.Mountpoint!));
    }
}
