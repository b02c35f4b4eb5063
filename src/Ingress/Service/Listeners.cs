using System.Net;
using System.Net.Sockets;
using Contracts.Configuration;
using Ingress.Sockets;
using Microsoft.Extensions.Logging;

namespace Ingress.Service;

/// <summary>The sockets of all listeners, as the configuration in force has them. Peers name their listener by its index here.</summary>
sealed partial class Listeners(Lwm2mOptions options, ILogger logger) : IDatagramOutlet, IDisposable
{
    readonly Lock _lock = new();
    readonly ListenerNames _names = Named(options);
    volatile Place?[] _places = [];
    int _threads;
    UdpListener.Receiver? _receiver;
    bool _ended;
    long _failures;

    public IReadOnlyList<string> Names => _names;

    public IReadOnlyList<UdpListener> Open => [.. _places.Select(p => p?.Socket).OfType<UdpListener>()];

    /// <summary>Datagrams that no socket took.</summary>
    public long SendFailures => Interlocked.Read(ref _failures) + Open.Sum(l => l.SendFailures);

    /// <summary>Where the listener with that index is bound; null where it is closed.</summary>
    public IPEndPoint? LocalEndPointOf(int index) => _places is var places && index < places.Length ? places[index]?.Socket.LocalEndPoint : null;

    /// <summary>-1 for a listener that is not there any more.</summary>
    public int IndexOf(string name) => _names.IndexOf(name);

    /// <summary>Binds all, then begins to receive.</summary>
    /// <exception cref="IOException">An address cannot be bound.</exception>
    public void Start(int threads, UdpListener.Receiver receiver)
    {
        lock (_lock)
        {
            (_threads, _receiver) = (threads, receiver);
            foreach (var (name, listener) in Wanted(options))
            {
                try
                {
                    Put(name, MakeSocket(name, listener));
                }
                catch (SocketException e)
                {
                    throw new IOException($"listener udp:{name} cannot be opened on {listener.Bind}: {e.Message}", e);
                }
            }

            foreach (var listener in Open)
                listener.Start();
        }
    }

    /// <summary>Closes listeners that are not wanted any more, opens new ones, and those that are bound otherwise anew.</summary>
    public void Follow(Lwm2mOptions now)
    {
        lock (_lock)
        {
            if (_ended || _receiver is null)
                return;
            var wanted = Wanted(now).ToDictionary(l => "udp:" + l.Name, l => l);
            foreach (var place in _places)
            {
                if (place is not null && !wanted.ContainsKey(place.Socket.Name))
                    Close(place);
            }

            foreach (var (id, (name, listener)) in wanted)
            {
                var place = _places.FirstOrDefault(p => p?.Socket.Name == id);
                if (place is null || place.Options.Bind != listener.Bind || place.Options.UdpOptions != listener.UdpOptions)
                    Reopen(place, name, listener);
            }
        }
    }

    public void Send(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        var places = _places;
        if (peer.Listener < places.Length && places[peer.Listener] is { } place)
            place.Socket.Send(peer, datagram);
        else
            Interlocked.Increment(ref _failures);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            foreach (var listener in Open)
                listener.Dispose();
        }
    }

    static IEnumerable<(string Name, UdpListenerOptions Options)> Wanted(Lwm2mOptions options) =>
        options.Listeners.Udp.Where(l => options.Enable && l.Value.Enable).OrderBy(l => l.Key).Select(l => (l.Key, l.Value));

    static ListenerNames Named(Lwm2mOptions options)
    {
        var names = new ListenerNames();
        foreach (var (name, _) in Wanted(options))
            names.GetOrAdd("udp:" + name);
        return names;
    }

    // What cannot be opened leaves the listener as it was. On the same port the old one must go first.
    void Reopen(Place? old, string name, UdpListenerOptions now)
    {
        var isInTheWay = old is not null && old.Options.Bind.Port == now.Bind.Port && now.Bind.Port != 0;
        try
        {
            if (isInTheWay)
                Close(old!);
            Begin(name, now);
            if (!isInTheWay && old is not null)
                End(old.Socket);
            LogOpened(name, now.Bind);
        }
        catch (SocketException e)
        {
            LogNotOpened(name, now.Bind, e.Message);
            if (isInTheWay)
                TryAgain(name, old!.Options);
        }
    }

    void TryAgain(string name, UdpListenerOptions options)
    {
        try
        {
            Begin(name, options);
        }
        catch (SocketException e)
        {
            LogNotOpened(name, options.Bind, e.Message);
        }
    }

    void Begin(string name, UdpListenerOptions now)
    {
        var place = MakeSocket(name, now);
        Put(name, place);
        place.Socket.Start();
    }

    Place MakeSocket(string name, UdpListenerOptions listener) => new(new UdpListener(_names.GetOrAdd("udp:" + name), name, listener, _threads, _receiver!), listener);

    void Put(string name, Place? place)
    {
        var places = new Place?[_names.Count];
        _places.CopyTo(places, 0);
        places[_names.IndexOf("udp:" + name)] = place;
        _places = places;
    }

    void Close(Place place)
    {
        Put(place.Socket.Name["udp:".Length..], null);
        End(place.Socket);
        LogClosed(place.Socket.Name);
    }

    void End(UdpListener socket)
    {
        socket.Dispose();
        Interlocked.Add(ref _failures, socket.SendFailures);
    }

    sealed record Place(UdpListener Socket, UdpListenerOptions Options);

    [LoggerMessage(30, LogLevel.Information, "Listener udp:{Name} is open on {Bind}")]
    partial void LogOpened(string name, BindAddress bind);

    [LoggerMessage(31, LogLevel.Information, "Listener {Name} is closed")]
    partial void LogClosed(string name);

    [LoggerMessage(32, LogLevel.Error, "Listener udp:{Name} cannot be opened on {Bind}: {Reason}")]
    partial void LogNotOpened(string name, BindAddress bind, string reason);
}
