using System.Text;
using Contracts;
using Dashboard.Http;
using Messaging;
using Microsoft.AspNetCore.Http;

namespace Dashboard.Gateways;

/// <summary>Writes sections of the config topic, one at a time, and waits until the processes that live have taken them.</summary>
sealed class ConfigWriter(LogProducer producer, LogReader reader, Topics topics, InstanceTable instances, TimeProvider time) : IDisposable
{
    /// <summary>How long the others have.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    // An instance repeats an older problem until it has read the new record.
    static readonly TimeSpan ReadBound = TimeSpan.FromSeconds(3);

    readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Reading, deciding and writing belong together; the result must be disposed.</summary>
    public async Task<IDisposable> BeginAsync(CancellationToken aborted)
    {
        await _turn.WaitAsync(aborted);
        return new Turn(_turn);
    }

    /// <summary>Null when all have taken it; else the error to answer with.</summary>
    /// <param name="value">Null: a tombstone.</param>
    /// <param name="service">Whose instances must take it; null = all.</param>
    public async Task<ApiAnswer?> WriteAsync(string section, byte[]? value, string? service, CancellationToken aborted)
    {
        var before = instances.Alive().ToDictionary(i => i.Name, i => i.Record.ConfigProblem);
        using var timer = new CancellationTokenSource(Bound, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(aborted, timer.Token);
        var began = time.GetTimestamp();
        try
        {
            var written = await producer.AppendAsync(topics.Config, 0, Encoding.UTF8.GetBytes(section), value, null, bound.Token);
            if (!written.Succeeded)
                return ApiAnswer.Unavailable("Kafka has not taken the change");
            // Who asks again here finds the change.
            await reader.CatchUpAsync(topics.Config, 0, Bound);
            return await TakenAsync(section, written.Offset, service, before, began, bound.Token, aborted);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            var waiting = string.Join(", ", instances.Alive().Where(i => Concerns(i, service)).Select(i => i.Name));
            return ApiAnswer.Timeout($"Kafka has not taken the change within {Bound.TotalSeconds:0} s; nobody of {waiting} has it");
        }
    }

    public void Dispose() => _turn.Dispose();

    async Task<ApiAnswer?> TakenAsync(
        string section, long offset, string? service, Dictionary<string, string?> before, long began, CancellationToken bound, CancellationToken aborted)
    {
        while (true)
        {
            var changed = instances.Changed;
            var concerned = instances.Alive().Where(i => Concerns(i, service)).ToList();
            var waiting = concerned.Where(i => !(i.Record.ConfigOffset > offset)).ToList();
            var isLate = time.GetElapsedTime(began) > ReadBound;
            if (concerned.Find(i => Refuses(i.Record, before.GetValueOrDefault(i.Name), section, offset, isLate)) is { } refused)
            {
                var why = $"{refused.Name} cannot take it: {refused.Record.ConfigProblem}";
                return ApiAnswer.Error(StatusCodes.Status500InternalServerError, ApiError.Internal, why);
            }

            if (waiting.Count == 0)
                return null;
            try
            {
                await changed.WaitAsync(bound);
            }
            catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
            {
                var names = string.Join(", ", waiting.Select(i => i.Name));
                return ApiAnswer.Timeout($"written, and not yet in force at {names}, which have not taken it within {Bound.TotalSeconds:0} s");
            }
        }
    }

    // A problem that was there before may be that of another section, or of an older record.
    static bool Refuses(InstanceRecord record, string? before, string section, long offset, bool isLate) =>
        record.ConfigProblem is { } problem
        && (problem != before || (record.ConfigOffset > offset ? problem.Contains(section, StringComparison.Ordinal) : isLate));

    static bool Concerns(LiveInstance instance, string? service) => service is null || instance.Service == service;

    sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
