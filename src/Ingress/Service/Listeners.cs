using System.Net;
using System.Net.Sockets;
using Contracts.Configuration;
using Ingress.Security;
using Ingress.Sockets;
using Microsoft.Extensions.Logging;

namespace Ingress.Service;

/// <summary>The sockets of all listeners, as the configuration in force has them. Peers name their listener by its index here.</summary>
sealed partial class Listeners(Lwm2mOptions options, ILogger logger, DtlsNeeds? dtls = null) : IDatagramOutlet, IProofs, IDisposable
{
    readonly Lock _lock = new();
    readonly ListenerNames _names = Named(options);
    volatile Place?[] _places = [];
    int _threads;
    UdpListener.Receiver? _receiver;
    DtlsListener.Mover _mover = Nobody;
    bool _ended;
    long _failures;

    public IReadOnlyList<string> Names => _names;

    public IReadOnlyList<UdpListener> Open => [.. _places.Select(p => p?.Socket).OfType<UdpListener>()];

    /// <summary>Those of them that speak DTLS.</summary>
    public IEnumerable<DtlsListener> Secure => _places.Select(p => p?.Dtls).OfType<DtlsListener>();

    /// <summary>Datagrams that no socket took.</summary>
    public long SendFailures => Interlocked.Read(ref _failures) + Open.Sum(l => l.SendFailures);

    /// <summary>Where the listener with that index is bound; null where it is closed.</summary>
    public IPEndPoint? LocalEndPointOf(int index) => _places is var places && index < places.Length ? places[index]?.Socket.LocalEndPoint : null;

    /// <summary>-1 for a listener that is not there any more.</summary>
    public int IndexOf(string name) => _names.IndexOf(name);

    /// <summary>Binds all, then begins to receive.</summary>
    /// <param name="mover">Hears of peers that have gone to another address; may be left out.</param>
    /// <exception cref="IOException">An address cannot be bound.</exception>
    public void Start(int threads, UdpListener.Receiver receiver, DtlsListener.Mover? mover = null)
    {
        lock (_lock)
        {
            (_threads, _receiver, _mover) = (threads, receiver, mover ?? Nobody);
            foreach (var (name, listener) in Wanted(options))
            {
                try
                {
                    Put(name, MakeSocket(name, listener));
                }
                catch (SocketException e)
                {
                    throw new IOException($"listener {name} cannot be opened on {listener.Bind}: {e.Message}", e);
                }
            }

            dtls?.Forwarder?.Start(FindSecure);
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
            var wanted = Wanted(now).ToDictionary(l => l.Name, l => l.Options);
            foreach (var place in _places)
            {
                if (place is not null && !wanted.ContainsKey(place.Socket.Name))
                    Close(place);
            }

            foreach (var (name, listener) in wanted)
            {
                var place = _places.FirstOrDefault(p => p?.Socket.Name == name);
                if (place is null || place.Options.Bind != listener.Bind || place.Options.UdpOptions != listener.UdpOptions)
                    Reopen(place, name, listener);
                else
                    place.Dtls?.Follow((DtlsListenerOptions)listener);
            }
        }
    }

    public Credential? Of(in Peer peer) =>
        _places is var places && peer.Listener < places.Length ? places[peer.Listener]?.Dtls?.ProvenBy(peer) : null;

    public void Send(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        var places = _places;
        if (peer.Listener >= places.Length || places[peer.Listener] is not { } place)
            Interlocked.Increment(ref _failures);
        else if (place.Dtls is { } secure)
            secure.Send(peer, datagram);
        else
            place.Socket.Send(peer, datagram);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            foreach (var place in _places)
                place?.Dispose();
        }
    }

    DtlsListener? FindSecure(ReadOnlySpan<byte> name)
    {
        foreach (var place in _places)
        {
            if (place?.Dtls is { } secure && secure.Is(name))
                return secure;
        }

        return null;
    }

    static IEnumerable<(string Name, ListenerOptions Options)> Wanted(Lwm2mOptions options) =>
        options.Listeners.All().Where(l => options.Enable && l.Options.Enable).OrderBy(l => l.Name.StartsWith("dtls:", StringComparison.Ordinal)).ThenBy(l => l.Name, StringComparer.Ordinal);

    static ListenerNames Named(Lwm2mOptions options)
    {
        var names = new ListenerNames();
        foreach (var (name, _) in Wanted(options))
            names.GetOrAdd(name);
        return names;
    }

    // What cannot be opened leaves the listener as it was. On the same port the old one must go first.
    void Reopen(Place? old, string name, ListenerOptions now)
    {
        var isInTheWay = old is not null && old.Options.Bind.Port == now.Bind.Port && now.Bind.Port != 0;
        try
        {
            if (isInTheWay)
                Close(old!);
            Begin(name, now);
            if (!isInTheWay && old is not null)
                End(old);
            LogOpened(name, now.Bind);
        }
        catch (SocketException e)
        {
            LogNotOpened(name, now.Bind, e.Message);
            if (isInTheWay)
                TryAgain(name, old!.Options);
        }
    }

    void TryAgain(string name, ListenerOptions options)
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

    void Begin(string name, ListenerOptions now)
    {
        var place = MakeSocket(name, now);
        Put(name, place);
        place.Socket.Start();
    }

    Place MakeSocket(string name, ListenerOptions listener)
    {
        var index = _names.GetOrAdd(name);
        if (listener is not DtlsListenerOptions options)
            return new Place(new UdpListener(index, name, listener, _threads, _receiver!), null, listener);
        var secure = new DtlsListener(index, name, options, _threads, _receiver!, _mover, dtls!);
        return new Place(secure.Socket, secure, listener);
    }

    static void Nobody(in Peer from, in Peer to)
    {
    }

    void Put(string name, Place? place)
    {
        var places = new Place?[_names.Count];
        _places.CopyTo(places, 0);
        places[_names.IndexOf(name)] = place;
        _places = places;
    }

    void Close(Place place)
    {
        Put(place.Socket.Name, null);
        End(place);
        LogClosed(place.Socket.Name);
    }

    void End(Place place)
    {
        place.Dispose();
        Interlocked.Add(ref _failures, place.Socket.SendFailures);
    }

    sealed record Place(UdpListener Socket, DtlsListener? Dtls, ListenerOptions Options) : IDisposable
    {
        public void Dispose()
        {
            // Its peers are told, for which it needs the socket.
            Dtls?.Dispose();
            Socket.Dispose();
        }
    }

    [LoggerMessage(30, LogLevel.Information, "Listener {Name} is open on {Bind}")]
    partial void LogOpened(string name, BindAddress bind);

    [LoggerMessage(31, LogLevel.Information, "Listener {Name} is closed")]
    partial void LogClosed(string name);

    [LoggerMessage(32, LogLevel.Error, "Listener {Name} cannot be opened on {Bind}: {Reason}")]
    partial void LogNotOpened(string name, BindAddress bind, string reason);
}
