using System.Collections.Concurrent;

namespace Protocol.Dtls;

/// <summary>
/// The sessions of a server: by what the host calls their peers, which is what it sends to; by the address that a handshake has proven, where
/// records without an id come from; and by connection id. Looked into without a lock, changed under one.
/// </summary>
sealed class SessionIndex<TAddress>(IDtlsHost<TAddress> host)
    where TAddress : struct, IEquatable<TAddress>
{
    readonly Lock _lock = new();
    readonly ConcurrentDictionary<TAddress, DtlsSession<TAddress>> _byPeer = new();
    readonly ConcurrentDictionary<TAddress, DtlsSession<TAddress>> _byAddress = new();
    readonly ConcurrentDictionary<ulong, DtlsSession<TAddress>> _byId = new();

    public int Count => _byPeer.Count;

    public ICollection<DtlsSession<TAddress>> All => _byPeer.Values;

    public DtlsSession<TAddress>? Of(in TAddress peer) => _byPeer.GetValueOrDefault(peer);

    /// <summary>The session whose handshake was the last one with that address, as long as it has not moved.</summary>
    public DtlsSession<TAddress>? At(in TAddress address) => _byAddress.GetValueOrDefault(address);

    public DtlsSession<TAddress>? With(ulong id) => _byId.GetValueOrDefault(id);

    public ulong NewId(int slot)
    {
        ulong id;
        do
            id = ConnectionId.Create(slot);
        while (_byId.ContainsKey(id));
        return id;
    }

    /// <summary>Returns those whose place it takes: nobody finds them any more.</summary>
    public List<DtlsSession<TAddress>> Add(DtlsSession<TAddress> session)
    {
        List<DtlsSession<TAddress>> replaced = [];
        lock (_lock)
        {
            var address = session.Address;
            // Somebody else's session with an id may have been made here, and live on where its device is now.
            if (_byAddress.TryGetValue(address, out var before) && before.Id is null)
                Replace(before);
            if (_byPeer.TryGetValue(host.PeerOf(address, session.Identity), out before))
                Replace(before);
            session.Origin = address;
            _byAddress[address] = session;
            if (session.Id is { } id)
                _byId[id] = session;
            _byPeer[session.Place = host.PeerOf(address, session.Identity)] = session;
        }

        return replaced;

        void Replace(DtlsSession<TAddress> other)
        {
            Forget(other);
            replaced.Add(other);
        }
    }

    /// <summary>One of another process, found by its id. False where one of this process is in its place.</summary>
    public bool TryRestore(DtlsSession<TAddress> session)
    {
        lock (_lock)
        {
            var address = session.Address;
            var place = host.PeerOf(address, session.Identity);
            if (_byPeer.ContainsKey(place) || !_byId.TryAdd(session.Id!.Value, session))
                return false;
            // Who makes a handshake there does not take its place, and its own was another process's business.
            session.Origin = address;
            _byPeer[session.Place = place] = session;
            return true;
        }
    }

    /// <summary>Finds the session where it is now. Returns the one whose place it takes, if there is one: the same identity, at the same address.</summary>
    public DtlsSession<TAddress>? Move(DtlsSession<TAddress> session)
    {
        lock (_lock)
        {
            // Several threads may have moved it: whoever comes last puts it where it is.
            var place = host.PeerOf(session.Address, session.Identity);
            if (place.Equals(session.Place) || !_byPeer.TryRemove(new KeyValuePair<TAddress, DtlsSession<TAddress>>(session.Place, session)))
                return null;
            _byAddress.TryRemove(new KeyValuePair<TAddress, DtlsSession<TAddress>>(session.Origin, session));
            if (_byPeer.TryGetValue(place, out var other))
                Forget(other);
            _byPeer[session.Place = place] = session;
            return other;
        }
    }

    /// <summary>False where it was not there any more.</summary>
    public bool Remove(DtlsSession<TAddress> session)
    {
        lock (_lock)
            return Forget(session);
    }

    bool Forget(DtlsSession<TAddress> session)
    {
        _byAddress.TryRemove(new KeyValuePair<TAddress, DtlsSession<TAddress>>(session.Origin, session));
        if (session.Id is { } id)
            _byId.TryRemove(new KeyValuePair<ulong, DtlsSession<TAddress>>(id, session));
        return _byPeer.TryRemove(new KeyValuePair<TAddress, DtlsSession<TAddress>>(session.Place, session));
    }
}
