using CsCheck;
using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class CommitTrackerTests
{
    [Fact]
    public void Nothing_to_commit_before_the_first_record() => Assert.Equal(-1, new CommitTracker().Position);

    [Fact]
    public void Position_waits_for_the_oldest_record()
    {
        var tracker = new CommitTracker();
        tracker.Taken(5);
        tracker.Taken(6);
        tracker.Taken(9); // a gap

        Assert.True(tracker.Done(6));
        Assert.Equal((5, 3), (tracker.Position, tracker.Window));
        Assert.True(tracker.Done(5));
        Assert.Equal((9, 1), (tracker.Position, tracker.Window));
        Assert.True(tracker.Done(9));
        Assert.Equal((10, 0), (tracker.Position, tracker.Window));
    }

    [Fact]
    public void Done_of_what_is_not_waited_for_changes_nothing()
    {
        var tracker = new CommitTracker();
        tracker.Taken(5);
        tracker.Taken(7);

        Assert.False(tracker.Done(4));
        Assert.False(tracker.Done(6));
        Assert.False(tracker.Done(8));
        Assert.True(tracker.Done(7));
        Assert.False(tracker.Done(7));
        Assert.Equal((5, 2), (tracker.Position, tracker.Window));
    }

    [Fact]
    public void Position_is_always_the_first_offset_that_is_not_done()
    {
        // Steps: true takes the next record (after a gap), false completes any of those taken before.
        var step = Gen.Select(Gen.Bool, Gen.Int[0, 2], Gen.Int[0, 1000]);
        step.Array[0, 400].Sample(steps =>
        {
            var tracker = new CommitTracker();
            var waiting = new SortedSet<long>();
            long next = 3;
            var taken = 0;
            foreach (var (take, gap, choice) in steps)
            {
                if (take || waiting.Count == 0)
                {
                    next += gap;
                    tracker.Taken(next);
                    waiting.Add(next++);
                    taken++;
                }
                else
                {
                    var offset = waiting.ElementAt(choice % waiting.Count);
                    waiting.Remove(offset);
                    Assert.True(tracker.Done(offset));
                }

                Assert.Equal(waiting.Count > 0 ? waiting.Min : next, tracker.Position);
                Assert.InRange(tracker.Window, waiting.Count, taken);
            }
        });
    }
}
