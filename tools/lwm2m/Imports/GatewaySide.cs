using System.Net;
using System.Text;
using Protocol.Coap;
using Tools.Pcap;

namespace Tools.Imports;

/// <summary>
/// Which end of a datagram is the gateway: the one that was named; else where a Register went, then or before; else the one with a port that is usual for it.
/// </summary>
sealed class GatewaySide
{
    const int MostLearned = 1024;

    static readonly HashSet<int> UsualPorts = [5683, 5684, 5783, 5784];

    readonly HashSet<int> _ports;
    readonly HashSet<IPEndPoint> _addresses;
    readonly HashSet<IPEndPoint> _learned = [];

    /// <param name="named">Addresses with ports; a port of any address has address <see cref="IPAddress.Any"/>. Empty: it is found out.</param>
    public GatewaySide(IReadOnlyCollection<IPEndPoint> named)
    {
        _ports = [.. named.Where(end => end.Address.Equals(IPAddress.Any)).Select(end => end.Port)];
        _addresses = [.. named.Where(end => !end.Address.Equals(IPAddress.Any))];
    }

    /// <summary>Whether the gateway has received it; null where it cannot be told, or where it is neither its sender nor its receiver.</summary>
    public bool? IsReceiver(in UdpDatagram datagram)
    {
        if (_ports.Count + _addresses.Count > 0)
            return Decide(IsNamed(datagram.Destination), IsNamed(datagram.Source));
        if (_learned.Count < MostLearned && IsRegister(datagram.Payload.Span))
            _learned.Add(datagram.Destination);
        return Decide(_learned.Contains(datagram.Destination), _learned.Contains(datagram.Source))
            ?? Decide(UsualPorts.Contains(datagram.Destination.Port), UsualPorts.Contains(datagram.Source.Port));
    }

    bool IsNamed(IPEndPoint end) => _ports.Contains(end.Port) || _addresses.Contains(end);

    static bool? Decide(bool isDestination, bool isSource) => isDestination == isSource ? null : isDestination;

    static bool IsRegister(ReadOnlySpan<byte> payload)
    {
        if (CoapFrame.TryParse(payload, out var frame) != CoapParseError.None || frame.Code != CoapCode.Post || !frame.UriPath.Matches("rd"u8))
            return false;
        foreach (var query in frame.UriQuery)
        {
            if (Encoding.UTF8.GetString(query).StartsWith("ep=", StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
