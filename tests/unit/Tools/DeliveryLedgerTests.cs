using Tools.Load;

namespace Pipeline.Tests.Tools;

public sealed class DeliveryLedgerTests
{
    readonly DeliveryLedger _ledger = new(devices: 2, history: 4);

    void Send(int device, int upTo)
    {
        for (var number = 1; number <= upTo; number++)
            _ledger.Send(device, number, number * 100);
    }

    [Fact]
    public void Acknowledged_and_not_delivered_is_missing()
    {
        Send(0, 200);
        for (var number = 1; number <= 200; number++)
            _ledger.Acknowledge(0, number);
        for (var number = 1; number <= 150; number++)
            _ledger.Deliver(0, number, out _);
        Assert.Equal((200, 150, 50), (_ledger.Acknowledged, _ledger.Delivered, _ledger.Missing));
    }

    [Fact]
    public void Delivered_without_acknowledgement_is_no_loss()
    {
        Send(0, 3);
        Assert.True(_ledger.Deliver(0, 3, out var sentAt));
        Assert.Equal(300, sentAt);
        Assert.Equal(0, _ledger.Missing);
    }

    [Fact]
    public void Repetition_is_a_duplicate_wherever_it_comes()
    {
        Send(0, 3);
        _ledger.Deliver(0, 1, out _);
        _ledger.Deliver(0, 2, out _);
        Assert.False(_ledger.Deliver(0, 1, out _));
        Assert.Equal((1, 0), (_ledger.Duplicates, _ledger.OutOfOrder));
    }

    [Fact]
    public void First_delivery_after_a_later_one_is_out_of_order_within_a_device_only()
    {
        Send(0, 3);
        Send(1, 3);
        _ledger.Deliver(0, 3, out _);
        _ledger.Deliver(1, 1, out _);
        Assert.Equal(0, _ledger.OutOfOrder);
        _ledger.Deliver(0, 2, out _);
        Assert.Equal(1, _ledger.OutOfOrder);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(0, 0)]
    [InlineData(0, 1.5)]
    [InlineData(0, -1)]
    [InlineData(0, double.NaN)]
    public void Number_that_was_never_sent_is_unknown(int device, double number)
    {
        Send(0, 3);
        Assert.False(_ledger.Deliver(device, number, out _));
        Assert.Equal((1, 0), (_ledger.Unknown, _ledger.Delivered));
    }

    [Fact]
    public void Sending_time_is_forgotten_after_the_history()
    {
        Send(0, 10);
        Assert.True(_ledger.Deliver(0, 7, out var sentAt));
        Assert.Equal(700, sentAt);
        Assert.False(_ledger.Deliver(0, 6, out _));
        Assert.Equal(2, _ledger.Delivered);
    }

    [Fact]
    public void Device_that_is_not_ours_is_ignored() => Assert.False(_ledger.Deliver(7, 1, out _));
}
