using System.Net;

namespace Tools.Pcap;

/// <summary>A datagram that was found in a frame.</summary>
readonly record struct UdpDatagram(IPEndPoint Source, IPEndPoint Destination, ReadOnlyMemory<byte> Payload);
