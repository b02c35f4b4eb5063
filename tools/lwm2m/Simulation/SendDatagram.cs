namespace Tools.Simulation;

/// <summary>Sends one datagram to the gateway; the bytes are the caller's again when it returns. Loss is allowed.</summary>
delegate void SendDatagram(ReadOnlySpan<byte> datagram);
