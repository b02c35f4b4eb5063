using System.CommandLine;
using Contracts.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Tools.Captures;
using Tools.Output;
using Tools.Traffic;

namespace Tools.Commands;

/// <summary>Which recorded datagrams: those of the capture topic, or of a file.</summary>
static class CaptureSwitches
{
    static readonly Option<FileInfo> FromFile = new("--from-file") { Description = "Datagrams that `pcap export --as capture` has written, instead of Kafka." };

    public static void AddTo(Command command)
    {
        WindowSwitches.AddTo(command);
        FromFile.AcceptExistingOnly();
        command.Options.Add(FromFile);
    }

    /// <param name="bar">Shows how far the reading is.</param>
    public static ICaptureSource Source(ParseResult arguments, KafkaOptions configured, ProgressBar bar)
    {
        // Kafka is read up to what stands there at the start; where a file ends nobody knows.
        var end = WindowSwitches.To(arguments) ?? (arguments.GetValue(FromFile) is null ? TimeProvider.System.GetUtcNow() : null);
        return new WatchedCapture(Source(arguments, configured), bar, end);
    }

    static ICaptureSource Source(ParseResult arguments, KafkaOptions configured)
    {
        var selection = new CaptureSelection
        {
            Endpoints = [.. WindowSwitches.Endpoints(arguments).Select(text => new Glob(text))],
            From = WindowSwitches.From(arguments, TimeProvider.System.GetUtcNow()),
            To = WindowSwitches.To(arguments),
        };
        return arguments.GetValue(FromFile) is { } file
            ? new FileCapture(file.FullName, selection)
            : new KafkaCapture(KafkaSwitches.Connect(arguments, configured), selection, NullLogger.Instance);
    }
}
