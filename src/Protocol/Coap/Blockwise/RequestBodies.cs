namespace Protocol.Coap.Blockwise;

/// <summary>
/// Server side of Block1 (RFC 7959 section 2.3): puts together the bodies of requests, for all clients. Bounded in number and bytes;
/// beyond that new bodies, and those that grow, are refused, so that what is under way can end. What gets no block for the lifetime is
/// forgotten. Times are ms of a monotonic clock.
/// </summary>
/// <param name="maxBodies">Most bodies under way.</param>
/// <param name="maxBytes">Most bytes held by all of them.</param>
public sealed class RequestBodies<TPeer>(int maxBodies, long maxBytes)
    where TPeer : struct, IEquatable<TPeer>
{
    readonly Dictionary<(TPeer Peer, ulong Body), LinkedListNode<Body>> _bodies = [];

    // The one whose last block is the oldest first.
    readonly LinkedList<Body> _byAge = new();

    /// <summary>Bodies under way.</summary>
    public int Count => _bodies.Count;

    /// <summary>Bytes of memory that they hold.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bodies that were forgotten because their rest did not come.</summary>
    public long Expired { get; private set; }

    /// <summary>When <see cref="Expire"/> has something to do.</summary>
    public long NextDeadline => _byAge.First?.Value.Deadline ?? long.MaxValue;

    /// <summary>Takes a request that bears a valid Block1 option; <paramref name="body"/> is there where it is whole.</summary>
    public RequestBodyStep Take(long now, in TPeer peer, in CoapFrame request, in BlockwiseLimits limits, out byte[] body)
    {
        body = [];
        Expire(now);
        var block = request.Block1!.Value;
        var key = (peer, RequestBlocks.BodyOf(request));
        var known = _bodies.GetValueOrDefault(key);
        if (block.Number == 0 && known?.Value.Assembly.Add(block, request.Payload) != BlockFit.Repeated)
        {
            Remove(known);
            known = null;
        }
        else if (known is null)
        {
            return RequestBodyStep.Incomplete;
        }

        if (request.TryGetUInt(CoapOptionNumber.Size1, out var announced) && announced > limits.MaxBodySize)
            return End(known, RequestBodyStep.TooLarge);
        if (known is null)
            return Begin(now, key, block, request.Payload, limits, out body);
        return Append(now, known, block, request.Payload, limits, out body);
    }

    /// <summary>Forgets what is too old.</summary>
    public void Expire(long now)
    {
        while (_byAge.First is { } oldest && oldest.Value.Deadline <= now)
        {
            Remove(oldest);
            Expired++;
        }
    }

    RequestBodyStep Begin(
        long now, (TPeer Peer, ulong Body) key, BlockOption block, ReadOnlySpan<byte> payload, in BlockwiseLimits limits, out byte[] body)
    {
        body = [];
        var assembly = new BodyAssembly(limits.MaxBodySize);
        if (block.More && (_bodies.Count >= maxBodies || Bytes + payload.Length > maxBytes))
            return RequestBodyStep.NoRoom;
        switch (assembly.Add(block, payload))
        {
            case BlockFit.Taken:
                var begun = new Body(key, assembly, now + limits.Lifetime);
                _bodies[key] = _byAge.AddLast(begun);
                Bytes += assembly.Capacity;
                return RequestBodyStep.Continue;
            case BlockFit.Last:
                body = assembly.Bytes.ToArray();
                return RequestBodyStep.Whole;
            case BlockFit.TooLarge:
                return RequestBodyStep.TooLarge;
            default:
                return RequestBodyStep.WrongSize;
        }
    }

    RequestBodyStep Append(
        long now, LinkedListNode<Body> known, BlockOption block, ReadOnlySpan<byte> payload, in BlockwiseLimits limits, out byte[] body)
    {
        body = [];
        var assembly = known.Value.Assembly;
        // It may double.
        if (Bytes + assembly.Length + payload.Length > maxBytes)
            return End(known, RequestBodyStep.NoRoom);
        var held = assembly.Capacity;
        var fit = assembly.Add(block, payload);
        Bytes += assembly.Capacity - held;
        switch (fit)
        {
            case BlockFit.Taken or BlockFit.Repeated:
                known.Value.Deadline = now + limits.Lifetime;
                _byAge.Remove(known);
                _byAge.AddLast(known);
                return RequestBodyStep.Continue;
            case BlockFit.Last:
                body = assembly.Bytes.ToArray();
                return End(known, RequestBodyStep.Whole);
            case BlockFit.TooLarge:
                return End(known, RequestBodyStep.TooLarge);
            case BlockFit.WrongSize:
                return End(known, RequestBodyStep.WrongSize);
            default:
                return End(known, RequestBodyStep.Incomplete);
        }
    }

    RequestBodyStep End(LinkedListNode<Body>? known, RequestBodyStep step)
    {
        Remove(known);
        return step;
    }

    void Remove(LinkedListNode<Body>? known)
    {
        if (known is null)
            return;
        _bodies.Remove(known.Value.Key);
        _byAge.Remove(known);
        Bytes -= known.Value.Assembly.Capacity;
    }

    sealed class Body((TPeer Peer, ulong Body) key, BodyAssembly assembly, long deadline)
    {
        public (TPeer Peer, ulong Body) Key => key;
        public BodyAssembly Assembly => assembly;
        public long Deadline { get; set; } = deadline;
    }
}
