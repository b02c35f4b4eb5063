using Contracts;
using CsCheck;
using global::Egress.Publishing;
using Messaging;

namespace Pipeline.Tests.Egress;

public sealed class PublishWindowTests
{
    private readonly PartitionLease _lease = new();

    [Fact]
    public void Sends_in_order_up_to_the_limit()
    {
        var window = Filled(5);

        Assert.Equal([0L, 1, 2], SendAll(window, limit: 3));
        Assert.Equal(3, window.OnTheWire);
        Acknowledge(window, 1);
        Assert.Equal([3L], SendAll(window, limit: 3));
    }

    [Fact]
    public void Lost_connection_begins_again_with_the_oldest_and_one_at_a_time()
    {
        var window = Filled(5);
        SendAll(window, limit: 3);
        Acknowledge(window, 0);

        Assert.Null(window.Lost(blamesRecord: true, maxDisconnects: 3));

        Assert.Equal([1L], SendAll(window, limit: 3));
        Acknowledge(window, 1);
        Assert.Equal([2L], SendAll(window, limit: 3));
        Acknowledge(window, 2);
        Assert.Equal([3L, 4], SendAll(window, limit: 3));
    }

    [Fact]
    public void Third_blamed_loss_gives_up_the_oldest()
    {
        var window = Filled(3);
        for (var i = 0; i < 2; i++)
        {
            SendAll(window, limit: 3);
            Assert.Null(window.Lost(blamesRecord: true, maxDisconnects: 3));
        }

        SendAll(window, limit: 3);
        Assert.Null(window.Lost(blamesRecord: false, maxDisconnects: 3));
        SendAll(window, limit: 3);

        Assert.Equal(0, window.Lost(blamesRecord: true, maxDisconnects: 3)?.Record.Offset);
        Assert.Equal([1L], SendAll(window, limit: 3));
    }

    [Fact]
    public void Records_of_a_partition_that_is_no_longer_ours_are_passed_over()
    {
        var window = Filled(3);
        var other = new PartitionLease();
        window.Add(PublicationOf(99, other));
        SendAll(window, limit: 1);
        _lease.End();
        window.DropEnded();

        Acknowledge(window, 0);

        Assert.Equal([99L], SendAll(window, limit: 9));
        Assert.Equal(1, window.Count);
    }

    [Fact]
    public void Announced_end_still_sends_what_lies_before_the_last_that_was_sent()
    {
        var window = Filled(4);
        var other = new PublishWindow();
        other.Add(PublicationOf(5, _lease));
        SendAll(window, limit: 2);
        SendAll(other, limit: 1);
        window.Add(PublicationOf(6, _lease));

        _lease.Announce();
        window.DropEnded();
        Acknowledge(window, 0);
        Acknowledge(window, 1);

        Assert.Equal([2L, 3], SendAll(window, limit: 9));
        Assert.Equal(2, window.Count);
    }

    [Fact]
    public async Task Lease_waits_until_all_that_was_taken_is_closed()
    {
        _lease.Took();
        _lease.Took();
        _lease.Announce();
        var closed = Task.Run(() => _lease.AwaitClosed(TimeSpan.FromSeconds(30)));
        _lease.Closed();
        Assert.False(closed.IsCompleted);
        _lease.Closed();

        await closed.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_followed_a_publish_that_is_left_to_the_next_owner_is_left_to_him_too()
    {
        var (window, key) = (new PublishWindow(), new EventKey(new EventId(1, 2), 0));
        _lease.Recent.Take(key, PublicationOf(0, _lease).Record);
        _lease.Recent.Take(key, PublicationOf(1, _lease).Record);
        _lease.Took();
        _lease.Took();
        window.Add(PublicationOf(0, _lease) with { Key = key });

        _lease.Announce();
        window.DropEnded();

        await Task.Run(() => _lease.AwaitClosed(TimeSpan.FromMinutes(1))).WaitAsync(TimeSpan.FromSeconds(10));
    }

    // Whatever happens, first deliveries come in order and everything is delivered.
    [Fact]
    public void Any_history_of_sends_acknowledgements_and_losses_delivers_everything_in_order() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 5]).List[0, 400].Sample(history =>
        {
            var window = new PublishWindow();
            var (added, delivered, wire) = (0L, new List<long>(), new Queue<ushort>());
            foreach (var (what, amount) in history)
            {
                switch (what)
                {
                    case 0:
                        for (var i = 0; i < amount; i++)
                        {
                            window.Add(PublicationOf(added++, _lease));
                        }

                        break;
                    case 1:
                        while (window.TrySend(amount, out var id))
                        {
                            wire.Enqueue(id);
                        }

                        break;
                    case 2:
                        for (var i = 0; i < amount && wire.TryDequeue(out var id); i++)
                        {
                            Deliver(window, id, delivered);
                        }

                        break;
                    default:
                        // Of what is on the wire the broker took some, and its acknowledgements are lost.
                        delivered.AddRange(wire.Take(amount).Select(id => window.OnTheWireWith(id).Record.Offset));
                        wire.Clear();
                        window.Lost(blamesRecord: false, maxDisconnects: 3);
                        break;
                }
            }

            while (wire.TryDequeue(out var id) || window.TrySend(10, out id))
            {
                Deliver(window, id, delivered);
            }

            Assert.Equal(0, window.Count);
            Assert.Equal(added, delivered.Distinct().Count());
            var highest = -1L;
            foreach (var offset in delivered)
            {
                Assert.True(offset <= highest + 1);
                highest = Math.Max(highest, offset);
            }
        });

    [Fact]
    public void Packet_ids_wrap_and_never_are_zero()
    {
        var window = new PublishWindow();
        for (var i = 0L; i < 140_000; i++)
        {
            window.Add(PublicationOf(i, _lease));
            Assert.True(window.TrySend(10, out var id));
            Assert.NotEqual(0, id);
            Assert.Equal(i, window.OnTheWireWith(id).Record.Offset);
            if (i % 7 == 6)
            {
                for (var back = 6L; back >= 0; back--)
                {
                    window.Settle((ushort)(((i - back) % 65535) + 1));
                }

                window.DropSettled();
            }
        }
    }

    private static void Deliver(PublishWindow window, ushort id, List<long> delivered)
    {
        delivered.Add(window.OnTheWireWith(id).Record.Offset);
        window.Settle(id);
        window.DropSettled();
    }

    private PublishWindow Filled(int count)
    {
        var window = new PublishWindow();
        for (var i = 0; i < count; i++)
        {
            window.Add(PublicationOf(i, _lease));
        }

        return window;
    }

    private static void Acknowledge(PublishWindow window, long offset)
    {
        for (ushort id = 1; id < 100; id++)
        {
            if (window.IsOnTheWire(id) && window.OnTheWireWith(id).Record.Offset == offset)
            {
                window.Settle(id);
                window.DropSettled();
                return;
            }
        }

        Assert.Fail($"{offset} is not on the wire");
    }

    private static List<long> SendAll(PublishWindow window, int limit)
    {
        var sent = new List<long>();
        while (window.TrySend(limit, out var id))
        {
            sent.Add(window.OnTheWireWith(id).Record.Offset);
        }

        return sent;
    }

    private static Publication PublicationOf(long offset, PartitionLease lease) => new()
    {
        Record = new LogRecord("t", 0, offset, [], [], [], 0),
        Lease = lease,
        Topic = [],
        Qos = 1,
        EventId = default,
        Correlation = default,
    };
}
