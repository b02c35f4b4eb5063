using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;

namespace Egress.Relay;

/// <summary>Which devices have which MQTT prefix, from the registrations. One thread writes, others look up.</summary>
internal sealed class PrefixDirectory(Lwm2mOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _byEndpoint = [];

    // Nearly every prefix has one device; a set only where it is shared.
    private readonly Dictionary<string, object> _byPrefix = [];
    private readonly Mountpoints _mountpoints = new(options);

    // Only those whose client id is not their endpoint name.
    private readonly Dictionary<string, HashSet<string>> _byClient = [];

    /// <summary>The client id of a device that came, went, or has another prefix; on the thread that writes, must not block.</summary>
    public event Action<string>? Changed;

    /// <summary>Takes a record of the registrations topic; what is no registration is passed over.</summary>
    public void Take(LogRecord record)
    {
        if (record.Value is null)
        {
            Replace(Encoding.UTF8.GetString(record.Key), null);
            return;
        }

        if (!RegistrationRecord.TryParse(record.Value, out var registration))
        {
            return;
        }

        var prefix = registration!.IsLive ? _mountpoints.Of(registration.Client.Listener).Render(registration.Endpoint, registration.Client.ToIdentity()) : null;
        Replace(registration.Endpoint, new Entry(
            prefix, registration.Number, registration.Client.Clientid == registration.Endpoint ? registration.Endpoint : registration.Client.Clientid));
    }

    /// <summary>The registered devices of a client, usually one, with their prefixes.</summary>
    public IReadOnlyList<(string Endpoint, string Prefix)> OfClient(string clientid)
    {
        lock (_gate)
        {
            var devices = new List<(string, string)>(1);
            foreach (var endpoint in _byClient.GetValueOrDefault(clientid) ?? Enumerable.Empty<string>())
            {
                devices.Add((endpoint, _byEndpoint[endpoint].Prefix!));
            }

            if (_byEndpoint.TryGetValue(clientid, out var same) && same.Prefix is not null && same.Clientid == clientid)
            {
                devices.Add((clientid, same.Prefix));
            }

            return devices;
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

    private void Replace(string endpoint, Entry? now)
    {
        Entry? before;
        lock (_gate)
        {
            if (_byEndpoint.TryGetValue(endpoint, out before) && now?.Number < before.Number)
            {
                return; // a late one, of a process that was paused
            }

            Remove(endpoint, before);
            if (now is not null)
            {
                _byEndpoint[endpoint] = now;
                Add(endpoint, now);
            }
        }

        if (before?.Prefix is not null && (before.Prefix != now?.Prefix || before.Clientid != now.Clientid))
        {
            Changed?.Invoke(before.Clientid);
        }

        if (now?.Prefix is not null && (now.Prefix != before?.Prefix || now.Clientid != before.Clientid))
        {
            Changed?.Invoke(now.Clientid);
        }
    }

    private void Add(string endpoint, Entry entry)
    {
        if (entry.Prefix is not { } prefix)
        {
            return;
        }

        if (entry.Clientid != endpoint)
        {
            if (!_byClient.TryGetValue(entry.Clientid, out var devices))
            {
                _byClient[entry.Clientid] = devices = [];
            }

            devices.Add(endpoint);
        }

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

    private void Remove(string endpoint, Entry? known)
    {
        _byEndpoint.Remove(endpoint);
        if (known?.Prefix is not { } prefix)
        {
            return;
        }

        if (_byPrefix.GetValueOrDefault(prefix) is HashSet<string> { Count: > 1 } shared)
        {
            shared.Remove(endpoint);
        }
        else
        {
            _byPrefix.Remove(prefix);
        }

        if (_byClient.TryGetValue(known.Clientid, out var devices) && devices.Remove(endpoint) && devices.Count == 0)
        {
            _byClient.Remove(known.Clientid);
        }
    }

    /// <summary>What is known of a device.</summary>
    /// <param name="Prefix">Null where it is gone; the number is remembered.</param>
    /// <param name="Number">Of the registration.</param>
    /// <param name="Clientid">The very endpoint name where it is the same.</param>
    private sealed record Entry(string? Prefix, ulong Number, string Clientid);
}
