using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Ingress.Security;

/// <summary>
/// The credentials in force: those of a file that is looked at every second, and read again when it has changed. A broken one leaves the last good
/// one in force; where none could ever be read, nobody comes in.
/// </summary>
sealed partial class CredentialFile : IDisposable
{
    static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    readonly Func<string?> _path;
    readonly ILogger _logger;
    readonly ITimer _timer;
    readonly Lock _lock = new();
    volatile CredentialSet _current = CredentialSet.Empty;
    (string? Path, DateTime Written, long Length) _version;
    string? _problem;

    public CredentialFile(Func<string?> path, TimeProvider time, ILogger logger)
    {
        _path = path;
        _logger = logger;
        Look();
        _timer = time.CreateTimer(_ => Look(), null, Period, Period);
    }

    public CredentialSet Current => _current;

    public void Dispose() => _timer.Dispose();

    void Look()
    {
        lock (_lock)
        {
            var path = _path();
            try
            {
                if (path is null)
                {
                    _version = default;
                    _current = CredentialSet.Empty;
                    return;
                }

                // Of the opened file, so that a link that points elsewhere now is seen.
                using var file = File.OpenHandle(path);
                var version = (path, File.GetLastWriteTimeUtc(file), RandomAccess.GetLength(file));
                if (version == _version)
                    return;
                _version = version;
                using var stream = new FileStream(file, FileAccess.Read);
                _current = CredentialSet.Read(stream);
                _problem = null;
                LogRead(_current.Count, path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException or InvalidOperationException or ArgumentException)
            {
                // What JSON says of a place in the text names no value.
                if (_problem != e.Message)
                    LogBroken(path!, e.Message);
                _problem = e.Message;
            }
        }
    }

    [LoggerMessage(50, LogLevel.Information, "{Count} credentials were read from {File}")]
    partial void LogRead(int count, string file);

    [LoggerMessage(51, LogLevel.Error, "The credentials in {File} cannot be read: {Reason}; what was read last stays in force")]
    partial void LogBroken(string file, string reason);
}
