using Contracts;

namespace Pipeline.Tests.Delivery;

/// <summary>What a device Sends and sees acknowledged is told, whoever dies, stands still or lags.</summary>
public sealed class SendStories
{
    static readonly string Uplink = Cluster.Topics.Uplink;

    readonly Stage _stage = new();

    IEnumerable<UplinkEvent> Sent => _stage.Uplink.Where(e => e.Kind == EventKind.Sent);

    int Ids => Sent.Select(e => (e.IdHigh, e.IdLow)).Distinct().Count();

    [Fact]
    public void Send_whose_process_dies_before_its_record_lands_is_not_acknowledged_and_its_repetition_is_taken()
    {
        _stage.Register();
        _stage.Device.Send();
        _stage.Hear();
        _stage.Restart(_stage.At(0));
        _stage.Settle();
        Assert.NotNull(_stage.Device.Pending);

        _stage.Device.Repeat();
        _stage.Settle();
        Assert.Null(_stage.Device.Pending);
        Assert.Equal(1, Ids);
        _stage.End();
    }

    [Fact]
    public void Send_whose_process_dies_behind_its_record_is_acknowledged_by_the_next_under_the_same_id()
    {
        _stage.Register();
        _stage.Device.Send();
        _stage.Hear();
        _stage.Land(_stage.At(0), Uplink);
        _stage.Restart(_stage.At(0));
        _stage.Settle();

        _stage.Device.Repeat();
        _stage.Settle();
        Assert.Null(_stage.Device.Pending);
        Assert.Equal((2, 1), (Sent.Count(), Ids));
        _stage.End();
    }

    [Fact]
    public void Send_that_Kafka_reports_as_failed_gets_silence_whether_it_stands_or_not()
    {
        _stage.Register();
        _stage.Device.Send();
        _stage.Hear();
        _stage.Land(_stage.At(0), Uplink);
        Stage.Report(_stage.At(0), Uplink, succeeded: false);
        Assert.Equal(0, _stage.World.Network.Down);

        _stage.Device.Repeat();
        _stage.Settle();
        Assert.Null(_stage.Device.Pending);
        Assert.Equal(1, Ids);
        _stage.End();
    }

    [Fact]
    public void Replica_that_hears_a_Send_tells_it_under_the_same_id_and_owns_the_session_then()
    {
        _stage.Register();
        _stage.Device.Send();
        _stage.Hear();
        _stage.Device.Move(1, changesAddress: false);
        _stage.Device.Repeat();
        _stage.Hear();
        _stage.Settle();

        Assert.Equal((2, 1), (Sent.Count(), Ids));
        Assert.Equal(1U, _stage.Counting.Slot);
        _stage.End();
    }

    [Fact]
    public void Replica_that_lags_does_not_turn_away_a_registered_device()
    {
        _stage.Device.Register();
        _stage.Hear();
        var (owner, lags) = (_stage.At(0), _stage.At(1));
        _stage.Write(owner);
        foreach (var topic in new[] { Cluster.Topics.Registrations, Uplink })
        {
            _stage.Land(owner, topic);
            Stage.Report(owner, topic);
        }

        _stage.World.Network.DeliverDown(0);
        Assert.NotNull(_stage.Device.Location);
        _stage.Device.Move(1, changesAddress: false);
        _stage.Device.Send();
        _stage.Hear();
        Assert.Equal((1, 0), (lags.Questions, _stage.World.Network.Down));
        _stage.Settle();
        Assert.Null(_stage.Device.Pending);
        Assert.NotNull(_stage.Device.Location);
        Assert.Single(Sent);
        _stage.End();
    }

    [Fact]
    public void Device_at_a_new_address_is_a_stranger_until_it_updates_or_registers()
    {
        _stage.Register();
        _stage.Device.Move(0, changesAddress: true);
        _stage.Device.Send();
        _stage.Settle();
        Assert.Null(_stage.Device.Location);
        Assert.Empty(Sent);
        _stage.End();
    }
}
