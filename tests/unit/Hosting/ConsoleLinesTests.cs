using Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Pipeline.Tests.Hosting;

public sealed class ConsoleLinesTests
{
    [Theory]
    [InlineData("Translator.Rules", "registered dev-1", "12:34:56.789 info  translator registered dev-1\n")]
    [InlineData("Hosting.GatewayHost", "a\nb\u001b[31mc\r\n", "12:34:56.789 info  ingress    a b [31mc\n")]
    [InlineData("Microsoft.Hosting", "x\u2028y", "12:34:56.789 info  host       x y\n")]
    public void One_line_names_time_level_service_and_message(string category, string message, string expected) =>
        Assert.Equal(expected, Written(category, message, LogLevel.Information, null));

    [Fact]
    public void An_exception_follows_on_the_same_line()
    {
        var failure = new InvalidOperationException("outer\nline", new IOException("inner"));

        Assert.Equal("12:34:56.789 warn  egress     lost | InvalidOperationException: outer line | IOException: inner\n",
            Written("Egress", "lost", LogLevel.Warning, failure));
    }

    static string Written(string category, string message, LogLevel level, Exception? failure)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 12, 34, 56, 789, TimeSpan.Zero));
        var lines = new ConsoleLines("ingress", time, stackTraces: false);
        using var writer = new StringWriter();
        lines.Write(new LogEntry<string>(level, category, 1, message, failure, (m, _) => m), null, writer);
        return writer.ToString();
    }
}
