using Contracts.Configuration;
using Ingress.Sockets;

namespace Ingress.Service;

/// <summary>The sockets of all listeners. Peers name their listener by its index here.</summary>
sealed class Listeners : IDatagramOutlet, IDisposable
{
    readonly List<(string Name, UdpListenerOptions Options)> _configured;
    readonly List<UdpListener> _open = [];

    public Listeners(Lwm2mOptions options)
    {
        _configured = [.. options.Listeners.Udp.Where(l => options.Enable && l.Value.Enable).OrderBy(l => l.Key).Select(l => (l.Key, l.Value))];
        Names = [.. _configured.Select(l => "udp:" + l.Name)];
    }

    /// <summary>As in registration records: "udp:default".</summary>
    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<UdpListener> Open => _open;

    /// <summary>-1 for a listener that is not there any more.</summary>
    public int IndexOf(string name) => ((List<string>)[.. Names]).IndexOf(name);

    /// <summary>Binds all, then begins to receive.</summary>
    /// <exception cref="IOException">An address cannot be bound.</exception>
    public void Start(int threads, UdpListener.Receiver receiver)
    {
        foreach (var (name, options) in _configured)
        {
            try
            {
                _open.Add(new UdpListener(_open.Count, name, options, threads, receiver));
            }
            catch (System.Net.Sockets.SocketException e)
            {
                throw new IOException($"listener udp:{name} cannot be opened on {options.Bind}: {e.Message}", e);
            }
        }

        _open.ForEach(listener => listener.Start());
    }

    public void Send(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        if (peer.Listener < _open.Count)
            _open[peer.Listener].Send(peer, datagram);
    }

    public void Dispose()
    {
        foreach (var listener in _open)
            listener.Dispose();
    }
}
