using System.Buffers.Binary;
using System.Text;

namespace Pipeline.IntegrationTests.Devices;

/// <summary>
/// A CoAP message as these tests write and read it, on their own: an error in the gateway's codec must show (RFC 7252 section 3).
/// </summary>
sealed record Datagram
{
    public const byte Empty = 0x00;
    public const byte Get = 0x01;
    public const byte Post = 0x02;
    public const byte Put = 0x03;
    public const byte Delete = 0x04;
    public const byte Created = 0x41;
    public const byte Deleted = 0x42;
    public const byte Changed = 0x44;
    public const byte Content = 0x45;
    public const byte Continue = 0x5F;
    public const byte Unauthorized = 0x81;
    public const byte NotFound = 0x84;
    public const byte MethodNotAllowed = 0x85;

    public const int Observe = 6;
    public const int LocationPath = 8;
    public const int UriPath = 11;
    public const int ContentFormat = 12;
    public const int MaxAge = 14;
    public const int UriQuery = 15;
    public const int Accept = 17;
    public const int Block2 = 23;
    public const int Block1 = 27;
    public const int Size1 = 60;

    static readonly string[] Types = ["CON", "NON", "ACK", "RST"];
    static readonly string[] Methods = ["0.00", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"];

    public MessageType Type { get; init; }
    public byte Code { get; init; }
    public ushort Id { get; init; }
    public byte[] Token { get; init; } = [];

    /// <summary>In the order of the wire.</summary>
    public IReadOnlyList<(int Number, byte[] Value)> Options { get; init; } = [];

    public byte[] Payload { get; init; } = [];

    /// <summary>As received.</summary>
    public byte[] Bytes { get; private init; } = [];

    /// <summary>"2.05".</summary>
    public string Dotted => $"{Code >> 5}.{Code & 31:00}";

    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>All that is said, without message id and token: "CON GET 6=0 11=3 11=0 | 2a".</summary>
    public string Said
    {
        get
        {
            var said = new StringBuilder(Types[(int)Type]).Append(' ').Append(Code < Methods.Length ? Methods[Code] : Dotted);
            foreach (var (number, value) in Options)
                said.Append(' ').Append(number).Append('=').Append(IsNumber(number) ? NumberOf(value) : Encoding.UTF8.GetString(value));
            if (Payload.Length > 0)
                said.Append(" | ").Append(Convert.ToHexStringLower(Payload));
            return said.ToString();
        }
    }

    public IEnumerable<string> Texts(int option) => Options.Where(o => o.Number == option).Select(o => Encoding.UTF8.GetString(o.Value));

    public uint? Number(int option) => Options.Where(o => o.Number == option).Select(o => (uint?)NumberOf(o.Value)).FirstOrDefault();

    public static (int, byte[]) Option(int number, string text) => (number, Encoding.UTF8.GetBytes(text));

    /// <summary>An unsigned integer in as few bytes as it needs; 0 needs none.</summary>
    public static (int, byte[]) Option(int number, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return (number, bytes.TrimStart((byte)0).ToArray());
    }

    /// <summary>A block (RFC 7959 section 2.2) of 1024 bytes.</summary>
    public static (int, byte[]) Block(int option, int number, bool more) => Option(option, (uint)((number << 4) | (more ? 8 : 0) | 6));

    public byte[] ToBytes()
    {
        var bytes = new List<byte> { (byte)(0x40 | ((int)Type << 4) | Token.Length), Code, (byte)(Id >> 8), (byte)Id };
        bytes.AddRange(Token);
        var last = 0;
        foreach (var (number, value) in Options.OrderBy(o => o.Number))
        {
            var (delta, deltaMore) = Extended(number - last);
            var (length, lengthMore) = Extended(value.Length);
            bytes.Add((byte)((delta << 4) | length));
            bytes.AddRange(deltaMore);
            bytes.AddRange(lengthMore);
            bytes.AddRange(value);
            last = number;
        }

        if (Payload.Length > 0)
            bytes.AddRange([0xFF, .. Payload]);
        return [.. bytes];
    }

    /// <exception cref="FormatException">The gateway has sent what is no CoAP message.</exception>
    public static Datagram Parse(byte[] bytes)
    {
        Check(bytes.Length >= 4 && bytes[0] >> 6 == 1 && (bytes[0] & 15) <= 8, bytes);
        var at = 4 + (bytes[0] & 15);
        var token = bytes[4..at];
        var options = new List<(int, byte[])>();
        var number = 0;
        while (at < bytes.Length && bytes[at] != 0xFF)
        {
            var header = bytes[at++];
            number += Length(header >> 4, bytes, ref at);
            var length = Length(header & 15, bytes, ref at);
            Check(at + length <= bytes.Length, bytes);
            options.Add((number, bytes[at..(at + length)]));
            at += length;
        }

        Check(at != bytes.Length - 1, bytes);
        return new Datagram
        {
            Type = (MessageType)((bytes[0] >> 4) & 3),
            Code = bytes[1],
            Id = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(2)),
            Token = token,
            Options = options,
            Payload = at < bytes.Length ? bytes[(at + 1)..] : [],
            Bytes = bytes,
        };
    }

    public override string ToString() => $"{Said} (id {Id}, token {Convert.ToHexStringLower(Token)})";

    static bool IsNumber(int option) => option is Observe or ContentFormat or MaxAge or Accept or Block1 or Block2 or Size1;

    static uint NumberOf(byte[] value) => value.Aggregate(0u, (number, b) => (number << 8) | b);

    static (int, byte[]) Extended(int value) => value switch
    {
        < 13 => (value, []),
        < 269 => (13, [(byte)(value - 13)]),
        _ => (14, [(byte)((value - 269) >> 8), (byte)(value - 269)]),
    };

    static int Length(int nibble, byte[] bytes, ref int at)
    {
        Check(nibble != 15 && at + Math.Max(0, nibble - 12) <= bytes.Length, bytes);
        return nibble switch
        {
            13 => bytes[at++] + 13,
            14 => ((bytes[at++] << 8) | bytes[at++]) + 269,
            _ => nibble,
        };
    }

    static void Check(bool holds, byte[] bytes)
    {
        if (!holds)
            throw new FormatException("no CoAP message: " + Convert.ToHexStringLower(bytes));
    }
}
