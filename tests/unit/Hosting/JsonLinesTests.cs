using System.Text.Json.Nodes;
using Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Pipeline.Tests.Hosting;

public sealed class JsonLinesTests
{
    [Fact]
    public void One_object_names_what_the_message_is_made_of() => Assert.Equal(
        """{"time":"2026-01-02T12:34:56.789Z","level":"info","service":"ingress","category":"Ingress.Watch","message":"dev-1: sent [trace ab]","endpoint":"dev-1","trace_id":"ab","bytes":12,"service_":"x","nothing":null}""" + "\n",
        Written(LogLevel.Information, "dev-1: sent [trace ab]", null, ("Endpoint", "dev-1"), ("TraceId", "ab"), ("Bytes", 12), ("Service", "x"), ("Nothing", null), ("{OriginalFormat}", "{Endpoint}: ...")));

    [Fact]
    public void Nobody_can_write_lines_of_his_own_and_whatever_comes_is_JSON()
    {
        var line = Written(LogLevel.Warning, "a\nb\u2028c\u001b[31m\ud800", new IOException("outer\n", new InvalidOperationException("inner")), ("Endpoint", "x\"\n\ud800"));
        Assert.Equal(line.Length - 1, line.AsSpan().IndexOfAny('\n', '\u2028', '\u001b'));
        var read = JsonNode.Parse(line)!;
        Assert.Equal(("a\nb\u2028c\u001b[31m\ufffd", "x\"\n\ufffd", "warning"), ((string)read["message"]!, (string)read["endpoint"]!, (string)read["level"]!));
        Assert.Contains("inner", (string)read["exception"]!, StringComparison.Ordinal);
    }

    static string Written(LogLevel level, string message, Exception? failure, params (string Name, object? Value)[] parts)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 12, 34, 56, 789, TimeSpan.Zero));
        IReadOnlyList<KeyValuePair<string, object?>> state = [.. parts.Select(part => new KeyValuePair<string, object?>(part.Name, part.Value))];
        using var writer = new StringWriter();
        new JsonLines("ingress", time).Write(new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(level, "Ingress.Watch", 1, state, failure, (_, _) => message), null, writer);
        return writer.ToString();
    }
}
