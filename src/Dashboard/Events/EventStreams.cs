using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Contracts;
using Dashboard.Http;
using Messaging;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Dashboard.Events;

/// <summary>
/// Streams of events (server-sent events). A new one begins with what happens now; one that names where it stood before gets
/// what came since from the log, by a reader of its own.
/// </summary>
sealed class EventStreams(
    EventHub hub, KafkaConnection kafka, Topics topics, DashboardTelemetry telemetry, TimeProvider time, ILogger<EventStreams> logger,
    CancellationToken stopping)
{
    /// <summary>At once.</summary>
    public const int MostStreams = 100;

    /// <summary>Of these, those that read the log themselves.</summary>
    public const int MostReplays = 16;

    static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);
    static readonly TimeSpan ReplayPatience = TimeSpan.FromSeconds(10);

    readonly int _partitions = kafka.Options.PartitionsOn(kafka.Embedded);
    readonly Lock _gate = new();
    int _streams;
    int _replays;

    /// <param name="key">Of the only device whose events are wanted; null = all.</param>
    public ApiAnswer Open(ApiRequest request, string? key)
    {
        HashSet<string>? types = null;
        if (request.TextOrNull("type") is { Length: > 0 } wanted)
        {
            types = [.. wanted.Split(',', StringSplitOptions.TrimEntries)];
            if (types.Except(EventFilter.KnownTypes).FirstOrDefault() is { } unknown)
                return ApiAnswer.BadRequest($"type = \"{unknown}\" must be of {string.Join(", ", EventFilter.KnownTypes)}");
        }

        var filter = new EventFilter(key is null ? null : Encoding.UTF8.GetBytes(key), types);
        var last = request.Context.Request.Headers["Last-Event-ID"].ToString();
        last = last.Length > 0 ? last : request.TextOrNull("last_event_id") ?? "";
        Dictionary<int, long>? from = null;
        if (last.Length > 0 && !EventPosition.TryParse(last, _partitions, out from))
            return ApiAnswer.BadRequest($"Last-Event-ID must be partition/offset, several separated by commas, of {_partitions} partitions");
        return TryEnter(from is not null)
            ? ApiAnswer.Stream(context => RunAsync(context, filter, from))
            : ApiAnswer.Unavailable("too many event streams are open").With("Retry-After", "5");
    }

    public int Count => Volatile.Read(ref _streams);

    bool TryEnter(bool isReplay)
    {
        lock (_gate)
        {
            if (_streams < MostStreams && !(isReplay && _replays >= MostReplays))
            {
                _streams++;
                _replays += isReplay ? 1 : 0;
                return true;
            }
        }

        telemetry.StreamsRefused.Add(1);
        return false;
    }

    void Leave(bool isReplay)
    {
        lock (_gate)
        {
            _streams--;
            _replays -= isReplay ? 1 : 0;
        }
    }

    async Task RunAsync(HttpContext context, EventFilter filter, Dictionary<int, long>? from)
    {
        try
        {
            using var buffer = new EventBuffer();
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping, buffer.Cut);
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            context.Response.ContentType = "text/event-stream";
            if (from is null)
                await RunLiveAsync(context, filter, buffer, ended.Token);
            else
                await RunReplayAsync(context, filter, buffer, from, ended.Token);
            if (!buffer.Cut.IsCancellationRequested)
                return;
            telemetry.StreamsCut.Add(1);
            context.Abort();
        }
        finally
        {
            Leave(from is not null);
        }
    }

    async Task RunLiveAsync(HttpContext context, EventFilter filter, EventBuffer buffer, CancellationToken ended)
    {
        var positions = hub.Add(filter, buffer);
        try
        {
            await PumpAsync(context, buffer, OfFilter(filter, positions), ended);
        }
        finally
        {
            hub.Remove(buffer);
        }
    }

    async Task RunReplayAsync(HttpContext context, EventFilter filter, EventBuffer buffer, Dictionary<int, long> from, CancellationToken ended)
    {
        // Without a budget: on the embedded broker whoever reads slowly would hold up the devices.
        using var reader = new LogReader(kafka with { Budget = null }, "dashboard-stream", logger);
        var positions = Enumerable.Repeat(-1L, _partitions).ToArray();
        foreach (var (partition, offset) in from)
            positions[partition] = offset;
        var wanted = Enumerable.Range(0, _partitions).Where(p => filter.Key is null || p == PartitionOf(filter.Key));
        reader.Start(
            [.. wanted.Select(p => new LogPosition(topics.Events, p, from.TryGetValue(p, out var offset) ? offset + 1 : LogPosition.End))],
            record =>
            {
                if (filter.Takes(record, EventRecord.TypeOf(record)))
                    buffer.TryPut(record, ReplayPatience);
            });
        try
        {
            await PumpAsync(context, buffer, OfFilter(filter, positions), ended);
        }
        finally
        {
            buffer.Close();
        }
    }

    async Task PumpAsync(HttpContext context, EventBuffer buffer, long[] positions, CancellationToken ended)
    {
        var output = context.Response.BodyWriter;
        try
        {
            Comment(output, "events follow");
            await output.FlushAsync(ended);
            while (true)
            {
                while (buffer.Reader.TryRead(out var record))
                {
                    buffer.Taken(record);
                    positions[record.Partition] = record.Offset;
                    EventFrame.Write(output, record, EventPosition.Print(positions));
                    telemetry.StreamedEvents.Add(1);
                    if (output.CanGetUnflushedBytes && output.UnflushedBytes > 32 * 1024)
                        await output.FlushAsync(ended);
                }

                await output.FlushAsync(ended);
                if (!await WaitAsync(buffer, ended))
                    Comment(output, "still there");
            }
        }
        catch (OperationCanceledException)
        {
            // The reader has gone or was too slow, or the process stops.
        }
    }

    // False: nothing came for a while.
    async Task<bool> WaitAsync(EventBuffer buffer, CancellationToken ended)
    {
        using var timer = new CancellationTokenSource(Silence, time);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(ended, timer.Token);
        try
        {
            return await buffer.Reader.WaitToReadAsync(silence.Token);
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            return false;
        }
    }

    // The id of one device's stream is the position in its own partition.
    long[] OfFilter(EventFilter filter, long[] positions)
    {
        if (filter.Key is null)
            return positions;
        var own = PartitionOf(filter.Key);
        return [.. positions.Select((offset, partition) => partition == own ? offset : -1)];
    }

    int PartitionOf(byte[] key) => KeyPartitioner.PartitionOf(key, _partitions);

    static void Comment(PipeWriter output, string text) => output.Write(Encoding.UTF8.GetBytes($": {text}\n\n"));
}
