using System.Net;
using System.Text;
using Contracts;
using Google.Protobuf;
using Ingress.Sockets;
using Tools.Pcap;

namespace Tools.Captures;

/// <summary>Writes recorded datagrams into a file: for Wireshark, or as they were recorded.</summary>
sealed class CaptureExport(ICaptureSource source)
{
    const int CoapPort = 5683;

    static readonly IPEndPoint Nowhere = new(IPAddress.Any, 0);

    readonly SortedSet<int> _ports = [];

    /// <summary>Datagrams written.</summary>
    public long Count { get; private set; }

    /// <summary>Longer than a packet can be; no socket has ever received such.</summary>
    public long TooLong { get; private set; }

    /// <summary>Ports of the gateway in raw packets that Wireshark does not take for CoAP by itself.</summary>
    public IReadOnlyCollection<int> UnusualPorts => _ports;

    /// <summary>
    /// The link type that shows all of it: raw IP, unless there is something that was inside of DTLS; that no packet shows as what it is, so then all are
    /// exported PDUs. Reads the source once.
    /// </summary>
    public async Task<int> LinkTypeAsync(CancellationToken cancellation)
    {
        await foreach (var captured in source.ReadAsync(cancellation))
        {
            if (captured.Transport == CaptureTransport.Dtls)
                return LinkType.ExportedPdu;
        }

        return LinkType.RawIp;
    }

    public async Task WritePcapAsync(Stream output, int linkType, CancellationToken cancellation)
    {
        var pcap = new PcapWriter(output, linkType);
        await foreach (var captured in source.ReadAsync(cancellation))
        {
            var (from, to) = EndsOf(captured);
            var frame = linkType == LinkType.ExportedPdu
                ? ExportedPdu.Write(from, to, captured.Datagram.Span)
                : RawPacket.Write(from, to, captured.Datagram.Span);
            if (frame.Length == 0)
            {
                TooLong++;
                continue;
            }

            pcap.Write(captured.CapturedNs, frame);
            Count++;
            var local = captured.Direction == CaptureDirection.Received ? to.Port : from.Port;
            if (linkType == LinkType.RawIp && local != CoapPort)
                _ports.Add(local);
        }

        await output.FlushAsync(cancellation);
    }

    public async Task WriteLinesAsync(Stream output, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        await foreach (var captured in source.ReadAsync(cancellation))
        {
            await writer.WriteLineAsync(FileCapture.Write(captured));
            Count++;
        }
    }

    /// <summary>From where to where it went.</summary>
    public static (IPEndPoint From, IPEndPoint To) EndsOf(CapturedDatagram captured)
    {
        var (peer, local) = (EndPointOf(captured.Peer), EndPointOf(captured.Local));
        return captured.Direction == CaptureDirection.Received ? (peer, local) : (local, peer);
    }

    static IPEndPoint EndPointOf(ByteString address) => Peer.TryRead(address.Span, 0, out var peer) ? peer.ToEndPoint() : Nowhere;
}
