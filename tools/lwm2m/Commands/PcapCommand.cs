using System.CommandLine;

namespace Tools.Commands;

/// <summary><c>lwm2m pcap</c>: capture files, out and in.</summary>
static class PcapCommand
{
    public static Command Create() => new("pcap", "Capture files of Wireshark and tcpdump: recorded datagrams out, captures from the field in.")
    {
        PcapExportCommand.Create(),
        PcapImportCommand.Create(),
    };
}
