using System.Diagnostics.CodeAnalysis;

namespace Protocol.Dtls;

/// <content>How a session is written down, and gone on with: see <see cref="Reservation"/>.</content>
public sealed partial class DtlsSession<TAddress>
{
    readonly Reservation? _reservation;
    readonly byte[]? _keyBlock;
    readonly Action<TAddress, byte[]> _hear;
    readonly TimeProvider _time;

    // Numbers that the peer has used and that were not taken: what is reserved next is beyond them.
    ulong _ahead;
    bool _isAttended;
    EarlyDatagrams<TAddress>? _early;

    /// <summary>One of another process.</summary>
    /// <param name="host">Takes what is sent.</param>
    /// <param name="state">What was written down.</param>
    /// <param name="limit">In force for this process.</param>
    /// <param name="identity">Who is at the other end.</param>
    /// <param name="address">Where it was heard last.</param>
    /// <param name="hear">Takes a datagram as if it came from the network now.</param>
    /// <param name="time">The clock.</param>
    internal DtlsSession(
        IDtlsHost<TAddress> host, SessionState state, RecordNumbers limit, DtlsIdentity identity, in TAddress address, Action<TAddress, byte[]> hear, TimeProvider time)
    {
        (_host, _hear, _time) = (host, hear, time);
        Suite = CipherSuite.Of(state.Suite);
        _protection = AeadProtection.Of(Suite, state.KeyBlock, state.PeerId);
        _mostContent = state.MostContent;
        _id = state.Id;
        Identity = identity;
        _random = [];
        _address = address;
        _nextPosition = RecordHeader.FirstProtected + state.Numbers.Send;
        _window = new ReplayWindow(state.Numbers.Receive, state.Numbers.Seen);
        _hasFinished = true;
        _lastHeard = time.GetTimestamp();
        (_reservation, _keyBlock) = (new Reservation(limit), state.KeyBlock);
    }

    /// <summary>The connection id that its peer's records bear, which it is written down under; 0 where they bear none.</summary>
    public ulong ConnectionIdentifier => _id ?? 0;

    /// <summary>A record of it was written down, or is going to be.</summary>
    public bool IsWritten
    {
        get
        {
            lock (_lock)
                return _reservation is { IsWritten: true };
        }
    }

    /// <summary>
    /// What is to be written down now, asked for after the host was told to (<see cref="IDtlsHost{TAddress}.Attend"/>), and again where writing it
    /// has failed. False: the session has ended, so what was written of it must not be gone on from.
    /// </summary>
    /// <param name="state">What to write.</param>
    public bool TryPlan([NotNullWhen(true)] out SessionState? state)
    {
        lock (_lock)
        {
            _isAttended = false;
            state = IsEnded || _reservation is null ? null : StateWith(_reservation.Plan(Numbers with { Receive = Math.Max(_window.Next, _ahead) }, _time.TimestampFrequency, _time.GetTimestamp()));
            return state is not null;
        }
    }

    /// <summary>What was written with these numbers is in force: what the peer has said ahead of it is heard now, on this thread.</summary>
    public void Grant(RecordNumbers numbers)
    {
        EarlyDatagrams<TAddress>? early;
        lock (_lock)
        {
            _reservation?.Grant(numbers);
            // It may have spoken much meanwhile.
            if (!IsEnded)
                ReserveWhereLow();
            (early, _early) = (_early, null);
        }

        foreach (var (from, datagram) in early?.Take(_time) ?? [])
            _hear(from, datagram);
    }

    /// <summary>Ends it here without a word, for another process to go on exactly from there. False where that cannot be, or it has not spoken yet.</summary>
    internal bool TryFreeze([NotNullWhen(true)] out SessionState? state)
    {
        lock (_lock)
        {
            state = IsEnded || _reservation is not { IsWritten: true } ? null : StateWith(Numbers);
            if (state is null)
                return false;
            IsEnded = true;
            _flight = null;
            _early = null;
            _protection.Dispose();
            return true;
        }
    }

    RecordNumbers Numbers => new(_nextPosition - RecordHeader.FirstProtected, _window.Next, _window.Seen);

    SessionState StateWith(RecordNumbers numbers) => new()
    {
        Id = _id!.Value,
        PeerId = _protection.PeerId.ToArray(),
        Suite = Suite.Number,
        KeyBlock = _keyBlock!,
        MostContent = _mostContent,
        Numbers = numbers,
    };

    bool TryKeep(in TAddress from, ReadOnlySpan<byte> datagram) => !IsEnded && (_early ??= new EarlyDatagrams<TAddress>(_host)).TryAdd(from, datagram, _time);

    void Reserve(ulong sequence)
    {
        _ahead = Math.Max(_ahead, sequence + 1);
        ReserveWhereLow();
    }

    void ReserveWhereLow()
    {
        if (_reservation is { IsPlanned: false } reservation && reservation.IsLow(Numbers with { Receive = Math.Max(_window.Next, _ahead) }))
            Attend();
    }

    void Attend()
    {
        if (_isAttended)
            return;
        _isAttended = true;
        _host.Attend(this);
    }
}
