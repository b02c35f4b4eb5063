using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>Keeps the last lines that a gateway in this process logs.</summary>
sealed class LogLines : ILoggerProvider
{
    const int Most = 60;

    readonly ConcurrentQueue<string> _lines = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    public override string ToString() => string.Join('\n', _lines);

    void Add(string line)
    {
        _lines.Enqueue(line);
        while (_lines.Count > Most)
            _lines.TryDequeue(out _);
    }

    sealed class Logger(LogLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var said = formatter(state, exception);
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {category}: {said} {exception}"));
        }
    }
}
