using CsCheck;
using global::Egress.Publishing;
using Messaging;

namespace Pipeline.Tests.Egress;

/// <summary>The window of publishes and the broker's session: MQTT 5 section 4.4, and what becomes of packet ids.</summary>
public sealed class PublishSessionTests
{
    private readonly PartitionLease _lease = new();

    [Fact]
    public void Packet_ids_outlive_the_connection_and_what_was_accepted_is_only_released()
    {
        var window = new PublishWindow();
        var ids = Enumerable.Range(0, 3).Select(i => Send(window, i, qos: 2)).ToList();
        window.OnTheWireWith(ids[1]).State = PublicationState.Received;

        window.Lost(blamesRecord: false, maxDisconnects: 3);

        foreach (var (id, state) in ids.Zip([PublicationState.Sent, PublicationState.Received, PublicationState.Sent]))
        {
            Assert.True(window.TrySend(10, out var again));
            Assert.Equal(id, again);
            Assert.Equal(state, window.OnTheWireWith(again).State);
            Assert.Equal(2, window.OnTheWireWith(again).KnownQos);
            window.Settle(again);
            window.DropSettled();
        }
    }

    [Fact]
    public void Without_the_session_all_is_published_anew()
    {
        var window = new PublishWindow();
        var id = Send(window, 0, qos: 2);
        window.OnTheWireWith(id).State = PublicationState.Received;
        window.Lost(blamesRecord: false, maxDisconnects: 3);
        window.SessionLost();

        Assert.True(window.TrySend(10, out id));
        Assert.Equal(PublicationState.Sent, window.OnTheWireWith(id).State);
        Assert.Equal(0, window.OnTheWireWith(id).KnownQos);
    }

    [Fact]
    public void Refused_publish_is_no_repetition_when_it_is_tried_again()
    {
        var window = new PublishWindow();
        var (first, second) = (Send(window, 0, qos: 1), Send(window, 1, qos: 1));
        window.TakeBack(first);
        window.Lost(blamesRecord: false, maxDisconnects: 3);

        Assert.True(window.TrySend(10, out var id));
        Assert.Equal((first, 0), (id, window.OnTheWireWith(id).KnownQos));
        window.Settle(id);
        window.DropSettled();
        Assert.True(window.TrySend(10, out id));
        Assert.Equal((second, 1), (id, window.OnTheWireWith(id).KnownQos));
    }

    [Fact]
    public void Partition_that_goes_while_we_are_cut_off_leaves_no_packet_id_behind_at_the_broker()
    {
        var window = new PublishWindow();
        var id = Send(window, 0, qos: 2);
        Send(window, 1, qos: 1);
        window.Lost(blamesRecord: false, maxDisconnects: 3);
        _lease.End();
        window.DropEnded();

        Assert.True(window.TrySend(10, out var again));
        Assert.Equal((id, PublicationState.Received, true), (again, window.OnTheWireWith(again).State, window.OnTheWireWith(again).Abandoned));
        window.Settle(again);
        window.DropSettled();
        Assert.False(window.TrySend(10, out _));
        Assert.Equal(0, window.Count);
    }

    /// <summary>
    /// A broker that keeps to QoS 2 (it drops a packet id that it has and that is not released). Over any history of lost connections nothing is missing,
    /// nothing comes twice while the session lives, and no event is taken for another because of its packet id.
    /// </summary>
    [Fact]
    public void Qos_2_is_exactly_once_over_any_history_of_connections() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[1, 5]).List[0, 300].Sample(history => Play(history));

    private static void Play(List<(int What, int Amount)> history)
    {
        var (window, leases) = (new PublishWindow(), new Dictionary<int, PartitionLease> { [0] = new(), [1] = new() });
        var (delivered, held, wire) = (new List<(int Partition, long Offset)>(), new HashSet<ushort>(), new Queue<ushort>());
        var (next, ended, gone) = (0L, new HashSet<long>(), false);
        foreach (var (what, amount) in history)
        {
            switch (what)
            {
                case 0:
                    for (var i = 0; i < amount; i++, next++)
                    {
                        leases[(int)(next % 2)].Took();
                        window.Add(Of((int)(next % 2), next, leases[(int)(next % 2)], qos: 2));
                    }

                    break;
                case 1 or 2:
                    while (window.TrySend(amount, out var id))
                    {
                        wire.Enqueue(id);
                    }

                    break;
                case 3:
                    for (var i = 0; i < amount && wire.TryDequeue(out var id); i++)
                    {
                        Exchange(window, id, held, delivered, steps: int.MaxValue);
                    }

                    break;
                case 4:
                    // The connection breaks: of what was sent the first have arrived, and of those the first were answered.
                    for (var i = 0; wire.TryDequeue(out var id); i++)
                    {
                        Exchange(window, id, held, delivered, steps: Math.Clamp(amount - i, 0, 3));
                    }

                    window.Lost(blamesRecord: false, maxDisconnects: 3);
                    break;
                case 5 when wire.Count == 0 && amount == 1 && !gone:
                    // Partition 1 goes to another replica.
                    gone = true;
                    leases[1].End();
                    window.DropEnded();
                    break;
            }
        }

        for (var more = true; more;)
        {
            more = window.TrySend(10, out var id);
            if (more)
            {
                wire.Enqueue(id);
            }

            while (wire.TryDequeue(out id))
            {
                Exchange(window, id, held, delivered, steps: int.MaxValue);
                more = true;
            }
        }

        Assert.Equal(0, window.Count);
        Assert.Empty(held);
        Assert.Equal(delivered.Count, delivered.Distinct().Count());
        var whole = delivered.Where(d => d.Partition == 0).Select(d => d.Offset).ToList();
        Assert.Equal(Enumerable.Range(0, (int)next).Select(i => (long)i).Where(i => i % 2 == 0), whole);
    }

    // 1: the PUBLISH arrives; 2: and its PUBREC with us; 3: the PUBREL arrives; 4: and its PUBCOMP with us.
    private static void Exchange(PublishWindow window, ushort id, HashSet<ushort> held, List<(int, long)> delivered, int steps)
    {
        ref var publication = ref window.OnTheWireWith(id);
        var released = publication.State == PublicationState.Received;
        publication.KnownQos = released ? publication.KnownQos : 2;
        if (!released && steps >= 1)
        {
            if (held.Add(id))
            {
                delivered.Add((publication.Record.Partition, publication.Record.Offset));
            }

            if (steps >= 2)
            {
                publication.State = PublicationState.Received;
            }
        }

        if (steps >= 3)
        {
            held.Remove(id);
        }

        if (steps >= 4)
        {
            window.Settle(id);
            window.DropSettled();
        }
    }

    private ushort Send(PublishWindow window, long offset, int qos)
    {
        window.Add(Of(0, offset, _lease, qos));
        Assert.True(window.TrySend(10, out var id));
        window.OnTheWireWith(id).KnownQos = qos;
        return id;
    }

    private static Publication Of(int partition, long offset, PartitionLease lease, int qos) => new()
    {
        Record = new LogRecord("t", partition, offset, [], [], [], 0),
        Lease = lease,
        Topic = [],
        Qos = qos,
        EventId = default,
        Correlation = default,
    };
}
