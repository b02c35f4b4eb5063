using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class UnreadBudgetTests
{
    private const string Topic = "t";
    private const int Big = UnreadBudget.Limit / 4;

    private readonly UnreadBudget _budget = new([Embedded.Spec(Topic, 2)]);

    [Fact]
    public void Refuses_what_would_pass_the_limit_until_the_reader_has_read()
    {
        _budget.Join("reader", Topic, 0, 0);
        for (var offset = 0; offset < 4; offset++)
        {
            Assert.True(Write(offset));
        }

        Assert.False(_budget.TryReserve(Topic, 0, Big));
        Assert.True(_budget.TryReserve(Topic, 1, Big)); // the other partition has room

        _budget.Handled("reader", Topic, 0, 1);
        Assert.True(_budget.TryReserve(Topic, 0, Big));
    }

    [Fact]
    public void Counts_what_is_on_its_way()
    {
        _budget.Join("reader", Topic, 0, 0);
        for (var i = 0; i < 4; i++)
        {
            Assert.True(_budget.TryReserve(Topic, 0, Big));
        }

        Assert.False(_budget.TryReserve(Topic, 0, 1));
        _budget.Failed(Topic, 0, Big);
        Assert.True(_budget.TryReserve(Topic, 0, Big));
    }

    [Fact]
    public void The_slowest_reader_counts_and_one_that_leaves_does_not()
    {
        _budget.Join("quick", Topic, 0, 0);
        _budget.Join("slow", Topic, 0, 0);
        for (var offset = 0; offset < 4; offset++)
        {
            Assert.True(Write(offset));
        }

        _budget.Handled("quick", Topic, 0, 4);
        Assert.False(_budget.TryReserve(Topic, 0, Big));
        _budget.Leave("slow", Topic, 0);
        Assert.True(_budget.TryReserve(Topic, 0, Big));
    }

    [Fact]
    public void A_partition_that_nobody_reads_has_no_limit()
    {
        for (var offset = 0; offset < 100; offset++)
        {
            Assert.True(Write(offset));
        }

        _budget.Join("late", Topic, 0, 100);
        Assert.True(_budget.TryReserve(Topic, 0, Big));
    }

    [Fact]
    public void A_late_reader_of_everything_has_what_is_kept_before_it()
    {
        for (var offset = 0; offset < 4; offset++)
        {
            Assert.True(Write(offset));
        }

        _budget.Join("late", Topic, 0, 0);
        Assert.False(_budget.TryReserve(Topic, 0, Big));
    }

    [Fact]
    public void A_large_record_is_taken_where_everything_has_been_read()
    {
        _budget.Join("reader", Topic, 0, 0);
        Assert.True(_budget.TryReserve(Topic, 0, UnreadBudget.Limit + 1));
    }

    [Fact]
    public void Records_of_several_producers_may_be_reported_out_of_order()
    {
        _budget.Join("reader", Topic, 0, 0);
        Assert.True(_budget.TryReserve(Topic, 0, Big));
        Assert.True(_budget.TryReserve(Topic, 0, Big));
        _budget.Written(Topic, 0, 1, Big);
        _budget.Handled("reader", Topic, 0, 2);
        _budget.Written(Topic, 0, 0, Big);
        Assert.True(_budget.TryReserve(Topic, 0, UnreadBudget.Limit)); // nothing is unread
    }

    [Fact]
    public void A_reader_that_joins_again_keeps_its_place()
    {
        _budget.Join("group", Topic, 0, 0);
        Assert.True(Write(0));
        _budget.Handled("group", Topic, 0, 1);
        _budget.Join("group", Topic, 0, 0);
        Assert.True(_budget.TryReserve(Topic, 0, UnreadBudget.Limit));
    }

    private bool Write(long offset)
    {
        if (!_budget.TryReserve(Topic, 0, Big))
        {
            return false;
        }

        _budget.Written(Topic, 0, offset, Big);
        return true;
    }
}
