namespace Protocol.Dtls;

/// <summary>A handshake under way with a peer that has shown to be at its address.</summary>
sealed class Handshake<TAddress>(TAddress address, byte[] random, Wire<TAddress> wire)
    where TAddress : struct, IEquatable<TAddress>
{
    const int MostEarly = 8;

    readonly Lock _lock = new();
    List<byte[]>? _early = [];

    public TAddress Address => address;

    /// <summary>Of the ClientHello.</summary>
    public byte[] Random => random;

    public Wire<TAddress> Wire => wire;

    public bool IsCancelled { get; private set; }

    public bool IsOf(ReadOnlySpan<byte> hello) => hello.SequenceEqual(random);

    /// <summary>False where it is over, or too much waits.</summary>
    public bool TryOffer(in RecordHeader first, ReadOnlySpan<byte> datagram)
    {
        if (first.Type != RecordHeader.ApplicationData && wire.TryOffer(datagram))
            return true;
        if (first.Epoch == 0)
            return false;
        // Data of the new session overtakes our noticing that there is one; the library would throw it away.
        lock (_lock)
        {
            if (_early is null || _early.Count >= MostEarly)
                return false;
            _early.Add(datagram.ToArray());
            return true;
        }
    }

    public void Cancel()
    {
        IsCancelled = true;
        wire.Cancel();
    }

    /// <summary>It is over: what came for the session already.</summary>
    public List<byte[]> End()
    {
        lock (_lock)
        {
            var early = _early ?? [];
            _early = null;
            return early;
        }
    }
}
