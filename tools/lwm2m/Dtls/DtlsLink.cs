using Tools.Simulation;

namespace Tools.Dtls;

/// <summary>
/// What stands between a device and its network where the device speaks DTLS: makes a handshake when there is something to say and no session,
/// protects what leaves and opens what comes. No I/O; one thread; times are milliseconds that do not go back.
/// </summary>
sealed class DtlsLink(DtlsCredential credential, Random random, DtlsLink.IUser user)
{
    /// <summary>Messages that wait for a session; further ones are lost, as datagrams may be.</summary>
    const int MostWaiting = 8;

    const int MostDatagram = 2048;

    readonly Queue<byte[]> _waiting = [];
    ClientHandshake? _handshake;
    ClientSession? _session;

    /// <summary>When <see cref="Poll"/> has something to do, if no datagram comes before.</summary>
    public long NextDeadline => _handshake?.NextDeadline ?? long.MaxValue;

    public void Poll(long now)
    {
        if (_handshake is null)
            return;
        _handshake.Poll(now);
        EndHandshake();
    }

    /// <summary>Says it, as soon as there is a session.</summary>
    public void Send(long now, ReadOnlySpan<byte> message)
    {
        if (_session is not null)
        {
            Protect(message);
            return;
        }

        // Whoever gets no answer says the same again.
        var isNew = true;
        foreach (var waiting in _waiting)
            isNew &= !message.SequenceEqual(waiting);
        if (isNew && _waiting.Count < MostWaiting)
            _waiting.Enqueue(message.ToArray());
        _handshake ??= new ClientHandshake(credential, random, user.Transmit, now);
    }

    /// <summary>A datagram of the server.</summary>
    public void Receive(long now, ReadOnlySpan<byte> datagram)
    {
        if (_handshake is not null)
        {
            _handshake.Receive(now, datagram);
            EndHandshake();
            return;
        }

        Span<byte> plaintext = stackalloc byte[MostDatagram];
        while (datagram.Length <= plaintext.Length && _session?.TryNext(ref datagram, plaintext, out var length, out var isEnd) == true)
        {
            if (length > 0)
                user.Hear(plaintext[..length]);
            if (!isEnd)
                continue;
            Abandon();
            user.SessionEnded();
        }
    }

    /// <summary>Forgets the session, and what waits for one. The server is not told.</summary>
    public void Abandon()
    {
        _waiting.Clear();
        _session?.Dispose();
        (_session, _handshake) = (null, null);
    }

    /// <summary>Ends the session, and tells the server.</summary>
    public void Close()
    {
        if (_session is not null)
        {
            Span<byte> record = stackalloc byte[MostDatagram];
            user.Transmit(record[.._session.ProtectFarewell(record)]);
        }

        Abandon();
    }

    void EndHandshake()
    {
        if (_handshake is not { IsOver: true } handshake)
            return;
        (_handshake, _session) = (null, handshake.Session);
        if (_session is null)
            _waiting.Clear();
        user.HandshakeEnded(handshake.Problem);
        while (_session is not null && _waiting.TryDequeue(out var message))
            Protect(message);
    }

    void Protect(ReadOnlySpan<byte> message)
    {
        Span<byte> record = stackalloc byte[MostDatagram];
        if (message.Length + _session!.Overhead <= record.Length)
            user.Transmit(record[.._session.Protect(message, record)]);
    }

    /// <summary>Whose link it is.</summary>
    public interface IUser
    {
        /// <summary>Puts a datagram on the network.</summary>
        void Transmit(ReadOnlySpan<byte> datagram);

        /// <summary>What the server has said.</summary>
        void Hear(ReadOnlySpan<byte> message);

        /// <param name="problem">Why there is no session; null: there is one.</param>
        void HandshakeEnded(string? problem);

        /// <summary>By the server.</summary>
        void SessionEnded();
    }
}
