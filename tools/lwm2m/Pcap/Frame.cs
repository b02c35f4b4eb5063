namespace Tools.Pcap;

/// <summary>A frame of a capture file.</summary>
/// <param name="Ns">Unix time in ns.</param>
/// <param name="LinkType">A <see cref="Pcap.LinkType"/>.</param>
/// <param name="Bytes">What was captured of it; valid until the next one is read.</param>
readonly record struct Frame(ulong Ns, int LinkType, ReadOnlyMemory<byte> Bytes);
