using System.Diagnostics;
using System.Globalization;

namespace Tools.Output;

/// <summary>How far long work is, on one line of a terminal that is written over a few times a second; nothing anywhere else.</summary>
/// <param name="terminal">Null: nothing is shown.</param>
/// <param name="pause">Between two looks of it; 200 ms where nothing is said.</param>
sealed class ProgressBar(string what, TextWriter? terminal, TimeSpan? pause = null) : IDisposable
{
    const int Width = 30;

    readonly TimeSpan _pause = pause ?? TimeSpan.FromMilliseconds(200);
    readonly long _startedAt = Stopwatch.GetTimestamp();
    long _toldAt = Stopwatch.GetTimestamp();
    bool _isShown;

    /// <summary>On the error output, where that is a terminal.</summary>
    public static ProgressBar OnTerminal(string what) => new(what, Console.IsErrorRedirected ? null : Console.Error);

    /// <param name="done">Items so far.</param>
    /// <param name="share">From 0 to 1; null where nobody knows how many there will be.</param>
    public void Report(long done, double? share)
    {
        if (terminal is null || Stopwatch.GetElapsedTime(_toldAt) < _pause)
            return;
        _toldAt = Stopwatch.GetTimestamp();
        _isShown = true;
        terminal.Write($"\r{LineOf(what, done, share, Stopwatch.GetElapsedTime(_startedAt))}\e[K");
    }

    /// <summary>Says something on the error output, above the bar.</summary>
    public void Say(string text)
    {
        Dispose();
        (terminal ?? Console.Error).WriteLine(text);
    }

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        if (_isShown)
            terminal!.Write("\r\e[K");
        _isShown = false;
    }

    internal static string LineOf(string what, long done, double? share, TimeSpan elapsed)
    {
        var rate = done / Math.Max(elapsed.TotalSeconds, 1e-3);
        var text = new System.Text.StringBuilder(what);
        if (share is { } known)
        {
            var filled = (int)(Math.Clamp(known, 0, 1) * Width);
            text.Append(CultureInfo.InvariantCulture, $" [{new string('#', filled)}{new string('.', Width - filled)}] {Math.Clamp(known, 0, 1) * 100,3:F0} %");
        }
        text.Append(CultureInfo.InvariantCulture, $"  {done} done, {rate:F0}/s");
        if (share is > 0.02 and <= 1)
            text.Append(CultureInfo.InvariantCulture, $", {TimeSpan.FromSeconds(Math.Ceiling(elapsed.TotalSeconds * (1 / share.Value - 1))):c} to go");
        return text.ToString();
    }
}
