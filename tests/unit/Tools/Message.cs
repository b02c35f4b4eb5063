using System.Text;
using Protocol.Coap;

namespace Pipeline.Tests.Tools;

/// <summary>A datagram taken apart, so that a test can keep it.</summary>
sealed class Message
{
    public Message(byte[] datagram)
    {
        Assert.Equal(CoapParseError.None, CoapFrame.TryParse(datagram, out var frame));
        Bytes = datagram;
        Type = frame.Type;
        Code = frame.Code;
        MessageId = frame.MessageId;
        Token = frame.Token.ToArray();
        Observe = frame.Observe;
        ContentFormat = frame.ContentFormat;
        Payload = frame.Payload.ToArray();
        Path = Join(frame.UriPath);
        LocationPath = Join(frame.LocationPath);
        foreach (var query in frame.UriQuery)
            Queries.Add(Encoding.UTF8.GetString(query));
    }

    public byte[] Bytes { get; }

    public CoapType Type { get; }

    public CoapCode Code { get; }

    public ushort MessageId { get; }

    public byte[] Token { get; }

    public uint? Observe { get; }

    public ushort? ContentFormat { get; }

    public byte[] Payload { get; }

    public string Path { get; }

    public string LocationPath { get; }

    public List<string> Queries { get; } = [];

    public string Text => Encoding.UTF8.GetString(Payload);

    static string Join(CoapOptionValues segments)
    {
        var path = new StringBuilder();
        foreach (var segment in segments)
            path.Append('/').Append(Encoding.UTF8.GetString(segment));
        return path.ToString();
    }
}
