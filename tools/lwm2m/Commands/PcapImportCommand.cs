using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Tools.Imports;
using Tools.Output;
using Tools.Pcap;
using Tools.Traffic;

namespace Tools.Commands;

/// <summary><c>lwm2m pcap import</c>: a capture from the field as traffic for <c>replay</c>.</summary>
static class PcapImportCommand
{
    const int Faulty = 1;
    const int Unreachable = 2;

    static readonly Argument<FileInfo> Capture = new("file") { Description = "A capture file: pcap or pcapng." };
    static readonly Option<FileInfo?> Output = new("--output", "-o") { Description = "Write to this file instead of the standard output." };
    static readonly RuleSwitches Switches = new("Configuration of the gateway, for lifetimes and clientinfo_override. Without: defaults.");

    static readonly Option<IPEndPoint[]> Gateway = new("--gateway", "-g")
    {
        Description = "Which end is the gateway: PORT or ADDRESS:PORT; may be given several times. Without: where Registers go, else the usual ports of CoAP.",
        CustomParser = ParseGateway,
    };

    static readonly Option<bool> AsJson = new("--json") { Description = "The totals, which go to the error output, as one line of JSON." };

    public static Command Create()
    {
        Capture.AcceptExistingOnly();
        var command = new Command("import", """
            Turn a capture from the field (pcap or pcapng; Ethernet, raw IP, Linux cooked, exported PDU) into uplink events for `replay --from-file`.
            It must begin before the devices register, and hold both directions.

            Examples:
              lwm2m pcap import night.pcapng -o night.traffic && lwm2m replay --from-file night.traffic
              lwm2m pcap import vendor.pcap --gateway 10.0.0.5:15683 -o vendor.traffic

            Exit code: 0 there are events, 1 there are none, or the file breaks off, 2 it is no capture file.
            """)
        {
            Capture, Output, Gateway, AsJson,
        };
        Switches.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    static IPEndPoint[]? ParseGateway(ArgumentResult result)
    {
        var ends = new List<IPEndPoint>();
        foreach (var token in result.Tokens)
        {
            if (ushort.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
                ends.Add(new IPEndPoint(IPAddress.Any, port));
            else if (IPEndPoint.TryParse(token.Value, out var end) && end.Port > 0)
                ends.Add(end);
            else
                result.AddError($"{token.Value} must be PORT or ADDRESS:PORT.");
        }

        return [.. ends];
    }

    static int Run(ParseResult arguments)
    {
        using var file = arguments.GetRequiredValue(Capture).OpenRead();
        using var buffered = new BufferedStream(file, 1 << 16);
        if (FrameReader.Open(buffered, out var error) is not { } frames)
        {
            Console.Error.WriteLine($"{file.Name}: {error}");
            return Unreachable;
        }

        var import = new CaptureImport(Switches.Configuration(arguments), new GatewaySide(arguments.GetValue(Gateway) ?? []));
        using var bar = ProgressBar.OnTerminal("pcap import");
        using (var output = arguments.GetValue(Output)?.Create() ?? Console.OpenStandardOutput())
        {
            using var writer = new StreamWriter(output, new UTF8Encoding(false)) { NewLine = "\n" };
            import.Run(frames, happened =>
            {
                writer.WriteLine(FileTraffic.Write(happened));
                bar.Report(import.Totals.Events, file.CanSeek && file.Length > 0 ? (double)file.Position / file.Length : null);
            }, CancellationToken.None);
        }

        if (arguments.GetValue(AsJson))
            bar.Say(JsonSerializer.Serialize(import.Totals, OutputJson.Line));
        else
            bar.Say(string.Join(Environment.NewLine, import.Totals.Lines()));
        if (frames.Error is { } broken)
            Console.Error.WriteLine($"{file.Name}: {broken}");
        return import.Totals.Events > 0 && frames.Error is null ? 0 : Faulty;
    }
}
