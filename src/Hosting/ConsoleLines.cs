using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Hosting;

/// <summary>
/// One line a message: <c>12:34:56.789 info ingress  text</c>. The service is the first part of the category. Control characters,
/// which devices may send, are replaced, so that nobody can write lines of his own.
/// </summary>
internal sealed class ConsoleLines(string service, TimeProvider time, bool stackTraces) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lines";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (IsSaidElsewhere(logEntry.Category, logEntry.EventId))
            return;
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        textWriter.Write(time.GetLocalNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture));
        textWriter.Write(logEntry.LogLevel switch
        {
            LogLevel.Critical => " CRIT  ",
            LogLevel.Error => " ERROR ",
            LogLevel.Warning => " warn  ",
            LogLevel.Information => " info  ",
            _ => " debug ",
        });
        textWriter.Write(ServiceOf(logEntry.Category).PadRight(10));
        textWriter.Write(' ');
        WriteLine(textWriter, message);
        for (var e = logEntry.Exception; e is not null; e = e.InnerException)
        {
            textWriter.Write(" | ");
            WriteLine(textWriter, $"{e.GetType().Name}: {e.Message}");
        }

        textWriter.Write('\n');
        if (logEntry.Exception is { } failure && (stackTraces || logEntry.LogLevel >= LogLevel.Error))
            textWriter.Write($"{failure.StackTrace}\n");
    }

    /// <summary>A start that fails is reported by the program itself, and that a failed part stops the host goes without saying.</summary>
    public static bool IsSaidElsewhere(string category, EventId id) => category == "Microsoft.Extensions.Hosting.Internal.Host" && id.Id is (10 or 11);

    string ServiceOf(string category)
    {
        var dot = category.IndexOf('.', StringComparison.Ordinal);
        var first = dot < 0 ? category : category[..dot];
        return first switch
        {
            "Hosting" => service,
            "Microsoft" or "System" => "host",
            _ => first.ToLowerInvariant(),
        };
    }

    static void WriteLine(TextWriter writer, string text)
    {
        var rest = text.AsSpan().TrimEnd();
        while (!rest.IsEmpty)
        {
            var clean = 0;
            while (clean < rest.Length && !char.IsControl(rest[clean]) && rest[clean] is not ('\u2028' or '\u2029'))
                clean++;
            writer.Write(rest[..clean]);
            if (clean == rest.Length)
                return;
            writer.Write(' ');
            rest = rest[(clean + 1)..];
        }
    }
}
