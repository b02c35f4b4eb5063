using System.CommandLine;
using System.Text.Json;
using Tools.Captures;
using Tools.Output;
using Tools.Pcap;

namespace Tools.Commands;

/// <summary><c>lwm2m pcap export</c>: recorded datagrams for Wireshark.</summary>
static class PcapExportCommand
{
    const int Faulty = 1;
    const string Pcap = "pcap";
    const string Auto = "auto";

    static readonly RuleSwitches Switches = new("Configuration that says where Kafka is.");
    static readonly Option<FileInfo?> Output = new("--output", "-o") { Description = "Write to this file instead of the standard output." };
    static readonly Option<string> As = new("--as") { Description = "What is written: pcap, or the records themselves, for --from-file.", DefaultValueFactory = _ => Pcap };
    static readonly Option<string> Link = new("--link-type")
    {
        Description = "101: packets with IP and UDP headers; 252: messages that are named as CoAP, whatever the port; auto: 252 where something came over DTLS, else 101.",
        DefaultValueFactory = _ => Auto,
    };

    static readonly Option<bool> AsJson = new("--json") { Description = "The totals, which go to the error output, as one line of JSON." };

    public static Command Create()
    {
        As.AcceptOnlyFromAmong(Pcap, "capture");
        Link.AcceptOnlyFromAmong(Auto, "101", "252");
        var command = new Command("export", """
            Write the datagrams that Ingress has recorded as a capture file that Wireshark and tshark read.

            Examples:
              lwm2m pcap export -k localhost:9092 -e meter-17 --since 2h -o meter-17.pcap
              lwm2m pcap export -k localhost:9092 --since 10m --link-type 252 | tshark -r -
              lwm2m pcap export -k localhost:9092 --from 2026-11-22T03:00:00Z --as capture -o night.capture

            Exit code: 0 all was written, 1 there was nothing, or something could not be read, 2 Kafka or the file is not to be had.
            """)
        {
            Output, As, Link, AsJson,
        };
        CaptureSwitches.AddTo(command);
        Switches.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        using var bar = ProgressBar.OnTerminal("pcap export");
        var source = CaptureSwitches.Source(arguments, Switches.Configuration(arguments).Kafka, bar);
        var export = new CaptureExport(source);
        var file = arguments.GetValue(Output);
        var isPcap = arguments.GetRequiredValue(As) == Pcap;
        var linkType = arguments.GetRequiredValue(Link) switch
        {
            "101" => LinkType.RawIp,
            "252" => LinkType.ExportedPdu,
            _ => isPcap ? await export.LinkTypeAsync(cancellation) : 0,
        };
        // Looking for the link type has read them once already.
        var unreadable = source.Unreadable;
        await using (var output = file is null ? Console.OpenStandardOutput() : file.Create())
        {
            await using var buffered = new BufferedStream(output, 1 << 16);
            await (isPcap ? export.WritePcapAsync(buffered, linkType, cancellation) : export.WriteLinesAsync(buffered, cancellation));
        }

        unreadable = Math.Max(unreadable, source.Unreadable - unreadable);
        if (arguments.GetValue(AsJson))
            bar.Say(JsonSerializer.Serialize(new { Datagrams = export.Count, Unreadable = unreadable, export.TooLong, DecodeAsCoap = export.UnusualPorts }, OutputJson.Line));
        else
            Tell(bar, export, unreadable, file);
        return export.Count > 0 && unreadable + export.TooLong == 0 ? 0 : Faulty;
    }

    static void Tell(ProgressBar bar, CaptureExport export, long unreadable, FileInfo? file)
    {
        bar.Say($"{export.Count} datagrams, {unreadable} records that could not be read, {export.TooLong} datagrams that no packet holds");
        if (export.UnusualPorts.Count > 0)
            bar.Say($"tshark -r {file?.Name ?? "FILE"}{string.Concat(export.UnusualPorts.Select(port => $" -d udp.port=={port},coap"))}");
    }
}
