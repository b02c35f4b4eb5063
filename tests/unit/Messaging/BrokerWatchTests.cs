using System.Collections.Concurrent;
using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class BrokerWatchTests
{
    private readonly BlockingCollection<bool> _answers = [];
    private readonly BlockingCollection<bool> _changes = [];

    [Fact]
    public void A_suspicion_that_a_broker_contradicts_is_no_alarm()
    {
        using var asked = new SemaphoreSlim(0);
        using var watch = new BrokerWatch(
            _ =>
            {
                asked.Release();
                return true;
            },
            _changes.Add);
        watch.Suspect();
        Assert.True(asked.Wait(Embedded.Bound));
        Assert.False(watch.Away);
        Assert.Empty(_changes);
    }

    [Fact]
    public void Away_from_the_first_unanswered_question_to_the_first_answer()
    {
        using var watch = new BrokerWatch(_ => _answers.Take(), _changes.Add);
        watch.Suspect();
        watch.Suspect();
        Assert.False(watch.Away);

        _answers.Add(false);
        Assert.True(_changes.Take());
        Assert.True(watch.Away);

        _answers.Add(false);
        _answers.Add(true);
        Assert.False(_changes.Take());
        Assert.False(watch.Away);
    }

    [Fact]
    public void An_acknowledgement_ends_it_at_once()
    {
        using var watch = new BrokerWatch(_ => _answers.Take(), _changes.Add);
        watch.Suspect();
        _answers.Add(false);
        Assert.True(_changes.Take());

        watch.Heard();
        Assert.False(watch.Away);
        _answers.Add(true); // lets the question under way end
    }
}
