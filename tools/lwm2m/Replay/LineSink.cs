using Contracts;
using Tools.Traffic;

namespace Tools.Replay;

/// <summary>One line for each event, or, as traffic, for what it was made of.</summary>
sealed class LineSink(Stream output, bool asTraffic) : IEventSink
{
    readonly BufferedStream _output = new(output, 1 << 16);

    public ValueTask TakeAsync(UplinkEvent happened, IReadOnlyList<ReplayedEvent> events, CancellationToken cancellation)
    {
        if (asTraffic)
            Write(System.Text.Encoding.UTF8.GetBytes(FileTraffic.Write(happened)));
        foreach (var replayed in asTraffic ? [] : events)
            Write(replayed.ToJson());
        return ValueTask.CompletedTask;
    }

    public async ValueTask FinishAsync(CancellationToken cancellation) => await _output.FlushAsync(cancellation);

    public async ValueTask DisposeAsync() => await _output.DisposeAsync();

    void Write(byte[] line)
    {
        _output.Write(line);
        _output.WriteByte((byte)'\n');
    }
}
