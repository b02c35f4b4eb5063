using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Egress.Publishing;

/// <summary>Puts records that can never be published on the dead-letters topic; only then are they done.</summary>
internal sealed partial class DeadLetters(LogProducer producer, string topic, Action<LogRecord, PartitionLease> done, EgressTelemetry telemetry, TimeProvider time, ILogger logger)
{
    // Larger ones would not fit a record together with the headers; where the original stands says "origin".
    private const int MaxValue = 5 * 1024 * 1024;
    private const int MaxReason = 500;
    private const int AtOnce = 64;

    private static readonly byte[] s_stage = "egress"u8.ToArray();

    // Bounded by what the consumer hands out at once.
    private readonly Channel<(LogRecord Record, PartitionLease Lease, string Reason)> _waiting = Channel.CreateUnbounded<(LogRecord, PartitionLease, string)>(new() { SingleReader = true });

    public void Send(in LogRecord record, PartitionLease lease, string reason)
    {
        telemetry.DeadLettered.Add(1);
        LogDeadLetter(record.Topic, record.Partition, record.Offset, Encoding.UTF8.GetString(record.Key), reason);
        _waiting.Writer.TryWrite((record, lease, reason));
    }

    /// <summary>Writes them until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            var batch = new List<Task>(AtOnce);
            while (await _waiting.Reader.WaitToReadAsync(ct))
            {
                while (batch.Count < AtOnce && _waiting.Reader.TryRead(out var letter))
                {
                    batch.Add(WriteAsync(letter.Record, letter.Lease, letter.Reason, ct));
                }

                await Task.WhenAll(batch);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }

    private async Task WriteAsync(LogRecord record, PartitionLease lease, string reason, CancellationToken ct)
    {
        var origin = string.Create(CultureInfo.InvariantCulture, $"{record.Topic}/{record.Partition}/{record.Offset}");
        RecordHeader[] headers =
        [
            .. record.Headers,
            new(DeadLetterHeaders.Stage, s_stage),
            new(DeadLetterHeaders.Reason, Encoding.UTF8.GetBytes(reason.Length > MaxReason ? reason[..MaxReason] : reason)),
            new(DeadLetterHeaders.Origin, Encoding.UTF8.GetBytes(origin)),
        ];
        var value = record.Value is { Length: > MaxValue } ? null : record.Value;
        while (!(await producer.AppendAsync(topic, -1, record.Key, value, headers, ct)).Succeeded)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, ct);
        }

        done(record, lease);
    }

    [LoggerMessage(20, LogLevel.Error, "Not publishable, put aside as a dead letter: {Topic}/{Partition}/{Offset} of {Endpoint}: {Reason}")]
    private partial void LogDeadLetter(string topic, int partition, long offset, string endpoint, string reason);
}
