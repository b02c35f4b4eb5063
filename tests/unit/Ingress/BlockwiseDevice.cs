using System.Text;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>
/// A device that takes and gives bodies in blocks: a server of its own, that knows RFC 7959 from the other side. It remembers what it has
/// answered (RFC 7252 section 4.5).
/// </summary>
sealed class BlockwiseDevice
{
    readonly Dictionary<ushort, byte[][]> _answered = [];
    readonly Dictionary<string, List<byte>> _bodies = [];
    ushort _messageId = 0x7000;

    /// <summary>The largest blocks it takes and gives.</summary>
    public int BlockSize { get; set; } = 1024;

    /// <summary>What it is asked for, by path.</summary>
    public Dictionary<string, byte[]> Content { get; } = [];

    /// <summary>What was written whole, by path.</summary>
    public Dictionary<string, byte[]> Written { get; } = [];

    /// <summary>Requests that are no repetitions, such as "PUT /5/0/0 1:0/1/1024 60=300000".</summary>
    public List<string> Heard { get; } = [];

    /// <summary>Token of each of them.</summary>
    public List<string> Tokens { get; } = [];

    /// <summary>Answers with an empty acknowledgement and a response of its own.</summary>
    public bool IsSeparate { get; init; }

    /// <summary>Responses of its own, by message id, which it repeats until they are acknowledged.</summary>
    public Dictionary<ushort, byte[]> Unacknowledged { get; } = [];

    /// <summary>Of what is read; changes with the content.</summary>
    public string? ETag { get; set; }

    public uint? Observe { get; set; }

    /// <summary>Told of each request before it is answered; what it gives is the answer instead.</summary>
    public Func<string, CoapCode?>? Intervene { get; set; }

    /// <summary>All that it sends for a datagram.</summary>
    public byte[][] Receive(byte[] datagram)
    {
        Assert.Equal(CoapParseError.None, CoapFrame.TryParse(datagram, out var frame));
        if (!frame.Code.IsRequest)
        {
            Unacknowledged.Remove(frame.MessageId);
            return [];
        }

        if (_answered.TryGetValue(frame.MessageId, out var known))
            return known;
        Heard.Add(SaidOf(frame));
        Tokens.Add(Convert.ToHexStringLower(frame.Token));
        var answer = Intervene?.Invoke(Heard[^1]) is { } code ? Write(frame, code) : frame.Code == CoapCode.Get ? Give(frame) : Take(frame);
        if (!IsSeparate)
            return _answered[frame.MessageId] = [answer];
        byte[] acknowledgement = [0x60, 0, datagram[2], datagram[3]];
        _answered[frame.MessageId] = [acknowledgement];
        Unacknowledged[(ushort)((answer[2] << 8) | answer[3])] = answer;
        return [acknowledgement, answer];
    }

    byte[] Give(in CoapFrame frame)
    {
        if (!Content.TryGetValue(PathOf(frame), out var content))
            return Write(frame, CoapCode.NotFound);
        var asked = frame.Block2 ?? new BlockOption(0, false, BlockOption.ExponentOf(BlockSize));
        var size = Math.Min(asked.Size, BlockSize);
        var begin = (int)asked.Offset;
        if (begin > content.Length)
            return Write(frame, CoapCode.BadOption);
        var end = Math.Min(content.Length, begin + size);
        var block = new BlockOption((uint)(begin / size), end < content.Length, BlockOption.ExponentOf(size));
        var isWhole = begin == 0 && end == content.Length && frame.Block2 is null;
        return Write(frame, CoapCode.Content, content[begin..end], block2: isWhole ? null : block, observe: frame.Observe == 0 ? Observe ?? 1 : null);
    }

    byte[] Take(in CoapFrame frame)
    {
        var path = PathOf(frame);
        if (frame.Block1 is not { } block)
        {
            Written[path] = frame.Payload.ToArray();
            return Write(frame, CoapCode.Changed);
        }

        if (block.Number == 0)
            _bodies[path] = [];
        if (!_bodies.TryGetValue(path, out var body) || block.Offset > body.Count)
            return Write(frame, CoapCode.RequestEntityIncomplete, block1: block);
        // A block that comes once more takes its own place.
        body.RemoveRange((int)block.Offset, body.Count - (int)block.Offset);
        body.AddRange(frame.Payload);
        if (block.More)
            return Write(frame, CoapCode.Continue, block1: new BlockOption(block.Number, true, BlockOption.ExponentOf(Math.Min(block.Size, BlockSize))));
        Written[path] = [.. body];
        return Write(frame, CoapCode.Changed, block1: block);
    }

    byte[] Write(in CoapFrame request, CoapCode code, byte[]? payload = null, BlockOption? block1 = null, BlockOption? block2 = null, uint? observe = null)
    {
        var buffer = new byte[2048];
        var writer = new CoapWriter(
            buffer, IsSeparate ? CoapType.Confirmable : CoapType.Acknowledgement, code, IsSeparate ? _messageId++ : request.MessageId, request.Token);
        if (ETag is not null && code == CoapCode.Content)
            writer.AddOption(CoapOptionNumber.ETag, Convert.FromHexString(ETag));
        if (observe is { } sequence)
            writer.AddOption(CoapOptionNumber.Observe, sequence);
        if (payload is not null)
            writer.AddOption(CoapOptionNumber.ContentFormat, 42u);
        if (block2 is { } given)
            writer.AddOption(CoapOptionNumber.Block2, given.Value);
        if (block1 is { } taken)
            writer.AddOption(CoapOptionNumber.Block1, taken.Value);
        writer.AddPayload(payload ?? []);
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }

    static string PathOf(in CoapFrame frame)
    {
        var path = "";
        foreach (var segment in frame.UriPath)
            path += "/" + Encoding.UTF8.GetString(segment);
        return path;
    }

    static string SaidOf(in CoapFrame frame)
    {
        var said = new StringBuilder(frame.Code.ToString().ToUpperInvariant()).Append(' ').Append(PathOf(frame));
        if (frame.Observe is { } observe)
            said.Append(" observe=").Append(observe);
        foreach (var query in frame.UriQuery)
            said.Append(" ?").Append(Encoding.UTF8.GetString(query));
        if (frame.Accept is { } accept)
            said.Append(" accept=").Append(accept);
        if (frame.Block2 is { } wanted)
            said.Append(' ').Append(Coap.Blockwise.BlockText.Of(2, wanted));
        if (frame.Block1 is { } part)
            said.Append(' ').Append(Coap.Blockwise.BlockText.Of(1, part));
        if (frame.TryGetUInt(CoapOptionNumber.Size1, out var size))
            said.Append(" size1=").Append(size);
        return said.ToString();
    }
}
