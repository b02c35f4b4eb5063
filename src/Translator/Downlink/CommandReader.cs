using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Contracts;
using Messaging;

namespace Translator.Downlink;

/// <summary>Reads key and headers of a record of the commands topic.</summary>
internal static class CommandReader
{
    private const int MaxEndpoint = 1024;
    private const int MaxCommandId = 200;
    private const int MaxHeader = 4096;

    // The end of the year 9999.
    private const long LastMs = 253_402_300_799_999;

    /// <summary>The id of a command that has none of its own.</summary>
    public static string IdOf(int partition, long offset) => string.Create(CultureInfo.InvariantCulture, $"cmd-{partition}-{offset}");

    /// <summary>Null where the record names no device: nobody could be told.</summary>
    /// <param name="nowMs">Unix time in ms; stands in for the record's own time where that cannot be true.</param>
    public static IncomingCommand? Read(LogRecord record, long nowMs)
    {
        if (record.Key.Length is 0 or > MaxEndpoint || !Utf8.IsValid(record.Key) || record.Key.AsSpan().Contains((byte)0))
        {
            return null;
        }

        string? problem = null;
        var id = Text(record, CommandHeaders.CommandId, MaxCommandId, ref problem);
        var command = new IncomingCommand
        {
            Endpoint = Encoding.UTF8.GetString(record.Key),
            CommandId = string.IsNullOrEmpty(id) ? IdOf(record.Partition, record.Offset) : id,
            Json = record.Value ?? [],
            WrittenMs = Math.Abs(nowMs - record.TimestampMs) <= TimeSpan.MillisecondsPerDay ? record.TimestampMs : nowMs,
            MqttTopic = Text(record, CommandHeaders.MqttTopic, ushort.MaxValue, ref problem),
            ResponseTopic = Text(record, CommandHeaders.ResponseTopic, MaxHeader, ref problem) ?? "",
            Correlation = Bytes(record, CommandHeaders.CorrelationData, MaxHeader, ref problem) ?? [],
            Priority = (int)(Number(record, CommandHeaders.Priority, int.MinValue, int.MaxValue, ref problem) ?? 0),
            ExpiresMs = Number(record, CommandHeaders.ExpiresAt, 0, LastMs, ref problem),
            TraceParent = TraceOf(record),
        };
        return command with { HeaderProblem = problem };
    }

    // What is none counts as absent (W3C Trace Context, section 3.2): no command is refused for it.
    private static string TraceOf(LogRecord record)
    {
        foreach (var header in record.Headers)
        {
            if (header.Name == CommandHeaders.TraceParent)
            {
                return TraceParent.TextOf(header.Value) ?? "";
            }
        }

        return "";
    }

    private static byte[]? Bytes(LogRecord record, string name, int most, ref string? problem)
    {
        foreach (var header in record.Headers)
        {
            if (header.Name != name)
            {
                continue;
            }

            if (header.Value.Length <= most)
            {
                return header.Value;
            }

            problem ??= $"header {name} is longer than {most} bytes";
        }

        return null;
    }

    private static string? Text(LogRecord record, string name, int most, ref string? problem)
    {
        if (Bytes(record, name, most, ref problem) is not { } bytes)
        {
            return null;
        }

        if (Utf8.IsValid(bytes) && Encoding.UTF8.GetString(bytes) is var text && !text.Any(char.IsControl))
        {
            return text;
        }

        problem ??= $"header {name} is not printable UTF-8";
        return null;
    }

    private static long? Number(LogRecord record, string name, long least, long most, ref string? problem)
    {
        if (Bytes(record, name, MaxHeader, ref problem) is not { } bytes)
        {
            return null;
        }

        if (Utf8Parser.TryParse(bytes, out long number, out var read) && read == bytes.Length && number >= least && number <= most)
        {
            return number;
        }

        problem ??= $"header {name} is not a number in range";
        return null;
    }
}
