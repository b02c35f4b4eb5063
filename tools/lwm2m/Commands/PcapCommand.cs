using System.CommandLine;

namespace Tools.Commands;

/// <summary><c>lwm2m pcap</c>: capture files, out and in.</summary>
static class PcapCommand
{
    public static Command Create() => new("pcap", """
        Capture files of Wireshark and tcpdump: recorded datagrams out, captures from the field in.

        Examples:
          lwm2m pcap export -k localhost:9092 -e meter-17 --since 2h -o meter-17.pcap
          lwm2m pcap import night.pcapng -o night.traffic
        """)
    {
        PcapExportCommand.Create(),
        PcapImportCommand.Create(),
    };
}
