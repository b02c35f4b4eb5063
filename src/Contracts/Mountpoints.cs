using Contracts.Configuration;

namespace Contracts;

/// <summary>What the topics of a device begin with: the mountpoint of its listener, else that of the gateway.</summary>
public sealed class Mountpoints
{
    private readonly Mountpoint _gateway;
    private readonly Dictionary<string, Mountpoint> _byListener;

    public Mountpoints(Lwm2mOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _gateway = new Mountpoint(options.Mountpoint);
        _byListener = options.Listeners.All().Where(listener => listener.Options.Mountpoint is not null)
            .ToDictionary(listener => listener.Name, listener => new Mountpoint(listener.Options.Mountpoint!));
        All = [.. _byListener.Values.Prepend(_gateway).DistinctBy(mountpoint => mountpoint.Template)];
    }

    /// <summary>One for each different template, the gateway's first.</summary>
    public IReadOnlyList<Mountpoint> All { get; }

    /// <param name="listener">As in records: "udp:default".</param>
    public Mountpoint Of(string listener) => _byListener.GetValueOrDefault(listener, _gateway);
}
