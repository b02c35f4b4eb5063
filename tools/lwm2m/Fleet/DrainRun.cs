using System.Diagnostics;
using System.Globalization;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Tools.Fleet;

/// <summary>Writes what is wished of a slot, and looks on while it is emptied.</summary>
sealed class DrainRun : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // A beat comes every two seconds.
    static readonly TimeSpan Listening = TimeSpan.FromSeconds(5);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    readonly SlotTable _slots = new();
    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly KafkaConnection _connection;
    readonly Topics _topics;
    readonly LogReader _reader;
    readonly LogProducer _producer;
    readonly int _slot;
    readonly Action<string> _say;
    volatile bool _isNew;

    public DrainRun(KafkaConnection connection, int slot, Action<string> say)
    {
        _connection = connection;
        _topics = new Topics(connection.Options.TopicPrefix);
        (_slot, _say) = (slot, say);
        _reader = new LogReader(connection, "lwm2m-tool", NullLogger.Instance);
        _producer = new LogProducer(connection, "lwm2m-tool", NullLogger.Instance);
    }

    /// <summary>Takes the wish back. Where there is no such topic yet nobody has wished anything.</summary>
    /// <exception cref="IOException">Kafka does not take it.</exception>
    public async Task<DrainReport> UndoAsync(CancellationToken cancellation)
    {
        using (var index = new LogIndex(_connection, "lwm2m-tool"))
        {
            if (index.Partitions(_topics.Instances) == 0)
                return Report("none", null);
        }

        await ConnectAsync(cancellation);
        await WriteAsync(null, cancellation);
        return Report("none", null);
    }

    /// <summary>Writes the wish; <paramref name="within"/> is how long the slot has to become empty, null: nobody waits for that.</summary>
    /// <exception cref="IOException">Kafka cannot be reached, or does not take it.</exception>
    public async Task<DrainReport> DrainAsync(TimeSpan? within, CancellationToken cancellation)
    {
        await ConnectAsync(cancellation);
        if (!_slots.Known.Contains(_slot))
            return Report("none", $"there is no slot {_slot}; known are {(_slots.Known.Count > 0 ? string.Join(", ", _slots.Known) : "none")}");
        await UntilAsync(() => _slots.Of(_slot, Now).IsAlive && Others.Count > 0, Listening, cancellation);
        await WriteAsync(new SlotWish { Kind = SlotWish.Drain, WishedMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() }.ToJson(), cancellation);
        if (Problem() is { } problem)
            return Report("drain", problem);
        return within is { } bound ? await WaitAsync(bound, cancellation) : Report("drain", null);
    }

    public void Dispose()
    {
        _producer.Dispose();
        _reader.Dispose();
    }

    long Now => _clock.ElapsedMilliseconds;

    IReadOnlyList<int> Others => _slots.Staying(_slot, Now);

    async Task<DrainReport> WaitAsync(TimeSpan bound, CancellationToken cancellation)
    {
        int? told = null;
        var isOver = await UntilAsync(
            () =>
            {
                var now = _slots.Of(_slot, Now);
                if (now is { IsDraining: true, Registrations: { } left } && left != told)
                    _say(string.Create(CultureInfo.InvariantCulture, $"slot {_slot}: {told = left} registrations left"));
                return now is { IsDraining: true, Registrations: 0 } || Problem() is not null;
            },
            bound,
            cancellation);
        return Report("drain", isOver ? Problem() : $"slot {_slot} is not empty after {bound.TotalSeconds:0} s");
    }

    // A slot that is empty may be on its way out already.
    string? Problem()
    {
        var view = _slots.Of(_slot, Now);
        if (view is { IsDraining: true, Registrations: 0 })
            return null;
        if (!view.IsAlive)
            return $"slot {_slot} does not live: its devices are adopted when they speak to others, and it is drained when it is back";
        return Others.Count == 0 ? "no other slot lives that could take the sessions: nothing is handed over" : null;
    }

    DrainReport Report(string wish, string? problem)
    {
        var view = _slots.Of(_slot, Now);
        return new DrainReport(_slot, wish, view.IsAlive, Others, view.Registrations, view is { IsDraining: true, Registrations: 0 }, problem);
    }

    async Task ConnectAsync(CancellationToken cancellation)
    {
        _reader.Start([new LogPosition(_topics.Instances, 0, LogPosition.Beginning)], record => _slots.Fold(record.Key, record.Value, Now, _isNew));
        if (!await UntilAsync(() => _reader.IsCaughtUp, Patience, cancellation))
            throw new IOException($"{_topics.Instances} cannot be read: Kafka is not there, or the prefix is another one");
        _isNew = true;
    }

    async Task WriteAsync(byte[]? wish, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Patience);
        try
        {
            if ((await _producer.AppendAsync(_topics.Instances, 0, SlotWish.KeyOf(_slot), wish, null, bound.Token)).Succeeded)
                return;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
        }

        throw new IOException("Kafka has not taken the wish");
    }

    static async Task<bool> UntilAsync(Func<bool> holds, TimeSpan within, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            if (watch.Elapsed > within)
                return false;
            await Task.Delay(LookEvery, cancellation);
        }

        return true;
    }
}
