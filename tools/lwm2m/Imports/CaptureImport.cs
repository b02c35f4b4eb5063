using Contracts;
using Contracts.Configuration;
using Ingress.Sockets;
using Tools.Pcap;

namespace Tools.Imports;

/// <summary>A capture file as uplink events.</summary>
sealed class CaptureImport(GatewayConfiguration configuration, GatewaySide gateway)
{
    public ImportTotals Totals { get; } = new();

    /// <summary>Reads frames to their end, and tells each event as it is whole.</summary>
    public void Run(FrameReader frames, Action<UplinkEvent> tell, CancellationToken cancellation)
    {
        CaptureTime? time = null;
        ExchangeReader? exchanges = null;
        while (!cancellation.IsCancellationRequested && frames.TryRead(out var frame))
        {
            Totals.Frames++;
            if (PacketReader.Read(frame.LinkType, frame.Bytes, out var datagram) is var fit && fit != PacketFit.Datagram)
            {
                Totals.Count(fit);
                continue;
            }

            if (gateway.IsReceiver(datagram) is not { } isReceived)
            {
                Totals.Undecided++;
                continue;
            }

            time ??= new CaptureTime(frame.Ns);
            time.MoveTo(frame.Ns);
            exchanges ??= new ExchangeReader(new ImportedDevices(configuration, time), Totals, Tell);
            exchanges.Take(isReceived, Peer.From(isReceived ? datagram.Source : datagram.Destination, 0), frame.Ns, datagram.Payload.Span);
        }

        exchanges?.End();

        void Tell(UplinkEvent happened)
        {
            Totals.Events++;
            tell(happened);
        }
    }
}
