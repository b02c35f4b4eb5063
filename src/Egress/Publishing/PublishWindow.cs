namespace Egress.Publishing;

/// <summary>
/// The publications of one connection, oldest first: some on the wire, the others waiting. After the connection is lost those on the wire
/// wait again, in their old order and under their old packet ids, before all others. Not thread-safe. Bounded by what the consumer hands out at once.
/// </summary>
internal sealed class PublishWindow
{
    // Packet ids are 1 to 65535; ids of neighbours must not meet.
    private const int MaxSpan = 32768;
    private const int Ids = 65535;

    private Publication[] _ring = new Publication[256];
    private int _head;
    private int _sent;
    private long _first;
    private long _aloneUntil;

    /// <summary>Publications that are not settled, and settled ones behind them.</summary>
    public int Count { get; private set; }

    /// <summary>Publications that the broker has not acknowledged.</summary>
    public int OnTheWire { get; private set; }

    public void Add(in Publication publication)
    {
        if (Count == _ring.Length)
        {
            Grow();
        }

        _ring[(_head + Count++) & (_ring.Length - 1)] = publication;
    }

    /// <summary>
    /// The next to send, if the broker may be given one more: a PUBLISH, or where it is <see cref="PublicationState.Received"/> a PUBREL. Those whose
    /// partition is no longer ours are passed over.
    /// </summary>
    /// <param name="limit">Most that may be on the wire.</param>
    public bool TrySend(int limit, out ushort id)
    {
        id = 0;
        // What was on the wire when a connection broke goes one at a time: so it is known which one breaks it.
        if (OnTheWire >= (_first < _aloneUntil ? 1 : limit))
        {
            return false;
        }

        for (; _sent < Count && _sent < MaxSpan; _sent++)
        {
            ref var next = ref At(_sent);
            if (next.State == PublicationState.Settled)
            {
                continue;
            }

            if (!next.Abandoned && !next.Lease.TrySend(next.Record.Offset))
            {
                if (next.KnownQos < 2)
                {
                    Drop(ref next);
                    continue;
                }

                next.Abandoned = true;
                next.Lease.Left(next.Key);
            }

            id = IdOf(_first + _sent++);
            next.State = next.Accepted || next.Abandoned ? PublicationState.Received : PublicationState.Sent;
            OnTheWire++;
            return true;
        }

        DropSettled();
        return false;
    }

    /// <summary>Lets go of those that wait and whose partition is no longer ours.</summary>
    public void DropEnded()
    {
        // The broker's session knows those that were on the wire by their packet ids, that is by their places.
        var kept = (int)Math.Max(_sent, Math.Min(Count, _aloneUntil - _first));
        for (var i = kept; i < Count; i++)
        {
            ref var publication = ref At(i);
            if (publication.Record.Offset <= publication.Lease.Limit)
            {
                At(kept++) = publication;
            }
            else
            {
                publication.Lease.Left(publication.Key);
            }
        }

        for (var i = kept; i < Count; i++)
        {
            At(i) = default;
        }

        Count = kept;
    }

    /// <summary>True where the id is that of a publication on the wire.</summary>
    public bool IsOnTheWire(ushort id) => OffsetOf(id) is var at && at < _sent && At(at).State is PublicationState.Sent or PublicationState.Received;

    /// <summary>The publication on the wire with this id.</summary>
    public ref Publication OnTheWireWith(ushort id) => ref At(OffsetOf(id));

    /// <summary>Nothing more is to be sent of it; call <see cref="DropSettled"/> after.</summary>
    public void Settle(ushort id)
    {
        OnTheWireWith(id).State = PublicationState.Settled;
        OnTheWire--;
    }

    /// <summary>The broker has refused it for now: it waits at its place, and the broker has no memory of its packet id.</summary>
    public void TakeBack(ushort id)
    {
        ref var publication = ref OnTheWireWith(id);
        (publication.State, publication.KnownQos) = (PublicationState.Waiting, 0);
        OnTheWire--;
    }

    /// <summary>Lets go of the settled ones at the front.</summary>
    public void DropSettled()
    {
        while (Count > 0 && At(0).State == PublicationState.Settled)
        {
            At(0) = default;
            _head = (_head + 1) & (_ring.Length - 1);
            _first++;
            Count--;
            _sent = Math.Max(0, _sent - 1);
        }
    }

    /// <summary>
    /// The connection is gone: takes back what was on the wire. Where a record may be why, the oldest is counted against; once it has been
    /// <paramref name="maxDisconnects"/> times it is given up, and returned.
    /// </summary>
    public Publication? Lost(bool blamesRecord, int maxDisconnects)
    {
        Publication? guilty = null;
        _aloneUntil = Math.Max(_aloneUntil, _first + _sent);
        for (var i = 0; i < _sent; i++)
        {
            ref var publication = ref At(i);
            if (publication.State is not (PublicationState.Sent or PublicationState.Received))
            {
                continue;
            }

            OnTheWire--;
            publication.Accepted |= publication.State == PublicationState.Received;
            publication.State = PublicationState.Waiting;
            if (blamesRecord && ++publication.Disconnects >= maxDisconnects && !publication.Abandoned)
            {
                guilty = publication;
                publication.Abandoned = publication.KnownQos == 2;
                publication.State = publication.Abandoned ? PublicationState.Waiting : PublicationState.Settled;
            }

            blamesRecord = false;
        }

        _sent = 0;
        DropSettled();
        return guilty;
    }

    /// <summary>The broker has forgotten our session: what was on the wire is published anew.</summary>
    public void SessionLost()
    {
        for (var i = 0; i < Count; i++)
        {
            ref var publication = ref At(i);
            (publication.KnownQos, publication.Accepted) = (0, false);
            publication.State = publication.Abandoned ? PublicationState.Settled : publication.State;
        }

        DropSettled();
    }

    private static void Drop(ref Publication publication)
    {
        publication.State = PublicationState.Settled;
        publication.Lease.Left(publication.Key);
    }

    private ref Publication At(int offset) => ref _ring[(_head + offset) & (_ring.Length - 1)];

    private static ushort IdOf(long number) => (ushort)((number % Ids) + 1);

    private int OffsetOf(ushort id) => (int)((id - 1 - (_first % Ids) + Ids) % Ids);

    private void Grow()
    {
        var larger = new Publication[2 * _ring.Length];
        for (var i = 0; i < Count; i++)
        {
            larger[i] = At(i);
        }

        (_ring, _head) = (larger, 0);
    }
}
