using System.Text;
using Contracts;
using CsCheck;
using global::Egress.Publishing;
using Messaging;

namespace Pipeline.Tests.Egress;

public sealed class RecentEventsTests
{
    private static readonly EventKey s_key = new(new EventId(1, 2), 0);

    private readonly RecentEvents _recent = new();

    [Fact]
    public void Event_is_new_once_and_a_repetition_after_its_puback()
    {
        Assert.Equal(Novelty.New, _recent.Take(s_key, At(1000)));
        Assert.Empty(_recent.Published(s_key, 1000));

        Assert.Equal(Novelty.Published, _recent.Take(s_key, At(2000)));
        Assert.Equal(Novelty.New, _recent.Take(s_key with { Index = 1 }, At(2000)));
    }

    [Fact]
    public void Repetition_shares_the_fate_of_the_first_that_is_under_way()
    {
        _recent.Take(s_key, At(1000));
        Assert.Equal(Novelty.UnderWay, _recent.Take(s_key, At(1001)));
        Assert.Equal(Novelty.UnderWay, _recent.Take(s_key, At(1002)));

        Assert.Equal([1001L, 1002], _recent.Published(s_key, 1000).Select(record => record.TimestampMs));

        Assert.Empty(_recent.GivenUp(s_key));
        _recent.Take(s_key, At(1003));
        _recent.Take(s_key, At(1004));
        Assert.Equal([1004L], _recent.GivenUp(s_key).Select(record => record.TimestampMs));
        Assert.Equal(Novelty.New, _recent.Take(s_key, At(1005)));
    }

    // After EXCHANGE_LIFETIME message ids are used again, so equal ids need not be the same event.
    [Fact]
    public void Equal_ids_further_apart_than_the_exchange_lifetime_are_two_events()
    {
        _recent.Take(s_key, At(0));
        Assert.Equal(Novelty.TooFarApart, _recent.Take(s_key, At(247_000)));
        _recent.Published(s_key, 0);

        Assert.Equal(Novelty.Published, _recent.Take(s_key, At(246_999)));
        Assert.Equal(Novelty.New, _recent.Take(s_key, At(247_000)));
    }

    [Fact]
    public void Memory_is_bounded_and_the_oldest_goes()
    {
        for (var i = 0ul; i <= RecentEvents.Capacity; i++)
        {
            Publish(new EventKey(new EventId(0, i), 0), 1000);
        }

        Assert.Equal(RecentEvents.Capacity, _recent.Count);
        Assert.Equal(Novelty.New, _recent.Take(new EventKey(new EventId(0, 0), 0), At(1000)));
        Assert.Equal(Novelty.Published, _recent.Take(new EventKey(new EventId(0, 1), 0), At(1000)));
    }

    [Fact]
    public void What_has_grown_too_old_is_forgotten_without_being_asked_for()
    {
        Publish(s_key, 1000);
        Publish(s_key with { Index = 1 }, 248_000);

        Assert.Equal(1, _recent.Count);
    }

    // Never dropped unless the first has been acknowledged, and nothing is kept back for ever.
    [Fact]
    public void Any_history_drops_only_what_was_published() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 5], Gen.Int[0, 400]).List[0, 200].Sample(history =>
        {
            var (recent, time) = (new RecentEvents(), 0L);
            var (underWay, published) = (new Dictionary<EventKey, long>(), new HashSet<EventKey>());
            var (taken, closed) = (0, 0);
            foreach (var (what, which, pause) in history)
            {
                var key = new EventKey(new EventId(0, (ulong)which), 0);
                time += pause * 1000;
                if (what == 0 || !underWay.TryGetValue(key, out var first))
                {
                    taken++;
                    switch (recent.Take(key, At(time)))
                    {
                        case Novelty.New:
                            Assert.False(underWay.ContainsKey(key));
                            underWay[key] = time;
                            break;
                        case Novelty.Published:
                            Assert.Contains(key, published);
                            closed++;
                            break;
                        case Novelty.UnderWay:
                            Assert.True(underWay.ContainsKey(key));
                            break;
                        default:
                            closed++; // published by itself
                            break;
                    }
                }
                else
                {
                    underWay.Remove(key);
                    var followers = what == 1 ? recent.Published(key, first) : recent.GivenUp(key);
                    closed += 1 + followers.Count;
                    _ = what == 1 && published.Add(key);
                }
            }

            closed += underWay.Sum(entry => 1 + recent.GivenUp(entry.Key).Count);
            Assert.Equal(taken, closed);
        });

    [Fact]
    public void Id_of_the_translator_is_taken_apart_and_others_are_not() =>
        Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 99], Gen.String[Gen.Char['!', '~'], 0, 40]).Sample((high, low, index, other) =>
        {
            Assert.True(EventKey.TryParse(Encoding.UTF8.GetBytes($"{new EventId(high, low)}-{index}"), out var key));
            Assert.Equal(new EventKey(new EventId(high, low), index), key);
            Assert.False(EventKey.TryParse(Encoding.UTF8.GetBytes(other + '~'), out _));
        });

    [Fact]
    public void An_event_costs_no_allocation_once_the_window_is_full()
    {
        var next = 0ul;
        void Round()
        {
            for (var i = 0; i < RecentEvents.Capacity; i++)
            {
                Publish(new EventKey(new EventId(7, next++), 0), 1000);
            }
        }

        Round();
        Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Round();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Publish(EventKey key, long time)
    {
        _recent.Take(key, At(time));
        _recent.Published(key, time);
    }

    private static LogRecord At(long time) => new("t", 0, 0, [], [], [], time);
}
