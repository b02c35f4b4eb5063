using Contracts;
using Messaging;

namespace Pipeline.Tests.Delivery;

/// <summary>The stories that break registrations where a rule is missing, one for each rule of the model.</summary>
public sealed class RegistrationStories
{
    static readonly string Sessions = Cluster.Topics.Sessions;
    static readonly string Registrations = Cluster.Topics.Registrations;
    static readonly string Uplink = Cluster.Topics.Uplink;

    readonly Stage _stage = new();

    [Fact]
    public void Numbered__of_two_records_with_one_number_the_first_counts_and_the_other_is_decided_again()
    {
        _stage.Register();
        var (owner, other) = (_stage.At(0), _stage.At(1));
        _stage.Device.Update();
        _stage.Hear();
        _stage.Device.Move(1, changesAddress: false);
        _stage.Device.Repeat();
        _stage.Hear();
        _stage.Land(owner, Sessions);
        _stage.Land(other, Sessions);

        Stage.Read(owner.Sessions);
        Stage.Read(other.Sessions);
        Assert.Equal((2UL, 0U), (_stage.Counting.Number, _stage.Counting.Slot));
        _stage.Settle();

        // The loser has found its message in the record that counts: it finishes that one, under the same id.
        Assert.Equal((3UL, 1U), (_stage.Counting.Number, _stage.Counting.Slot));
        Assert.Single(_stage.Uplink.Where(e => e.Kind == EventKind.Updated).Select(e => (e.IdHigh, e.IdLow)).Distinct());
        _stage.End();
    }

    [Fact]
    public void Session_first__a_Register_whose_process_dies_behind_the_session_is_finished_and_answered_under_the_same_id()
    {
        _stage.Device.Register();
        _stage.Hear();
        _stage.Write(_stage.At(0));
        _stage.Restart(_stage.At(0));
        _stage.Settle();
        Assert.Null(_stage.Device.Location);

        _stage.Device.Repeat();
        _stage.Settle();
        Assert.Equal(1, _stage.CountOf(EventKind.Registered));
        Assert.Equal(0, _stage.CountOf(EventKind.Replaced));
        _stage.End();
    }

    [Fact]
    public void Gone_session_first__an_expiry_that_comes_behind_an_Update_elsewhere_is_announced_of_nobody()
    {
        _stage.Device.Lifetime = 60;
        _stage.Register();
        var (owner, other) = (_stage.At(0), _stage.At(1));
        _stage.World.Advance(TimeSpan.FromSeconds(61));
        owner.Gateway.OnTimer();
        _stage.Device.Move(1, changesAddress: false);
        _stage.Device.Update();
        _stage.Hear();
        _stage.Land(other, Sessions);
        _stage.Land(owner, Sessions);
        _stage.Settle();

        Assert.Equal(0, _stage.CountOf(EventKind.Expired));
        Assert.True(_stage.Counting.Live);
        _stage.End();
    }

    [Fact]
    public void Gone_session_first__what_is_owed_is_announced_by_the_next_process()
    {
        _stage.Register();
        _stage.Device.Deregister();
        _stage.Hear();
        _stage.Write(_stage.At(0));
        _stage.Restart(_stage.At(0));
        _stage.Settle();

        // Perhaps twice, under one id: what the dead process had handed over lands, too.
        Assert.Single(_stage.Uplink.Where(e => e.Kind == EventKind.Deregistered).Select(e => (e.IdHigh, e.IdLow)).Distinct());
        _stage.End();
    }

    [Fact]
    public void What_is_owed_goes_with_the_session_to_another_replica_and_is_not_told_for_ever()
    {
        _stage.Register();
        _stage.Device.Register();
        _stage.Hear();
        _stage.Write(_stage.At(0));
        _stage.World.Kill(_stage.At(0));
        _stage.Device.Reboot();
        _stage.Device.Move(1, changesAddress: true);
        _stage.Device.Register();
        _stage.Settle();
        Assert.Equal(2, _stage.Uplink.Where(e => e.Kind == EventKind.Replaced).Select(e => e.RegistrationId).Distinct().Count());

        _stage.World.StartIngress(0);
        _stage.Settle();
        var told = _stage.CountOf(EventKind.Replaced);
        for (var hop = 0; hop < 6; hop++)
        {
            _stage.Device.Move(hop % 2, changesAddress: false);
            _stage.Device.Update();
            _stage.Settle();
        }

        Assert.Equal(told, _stage.CountOf(EventKind.Replaced));
        Assert.Empty(_stage.Counting.Owed);
        _stage.End();
    }

    [Fact]
    public void What_is_owed_outlives_two_owners()
    {
        _stage.Register();
        _stage.Device.Register();
        _stage.Hear();
        _stage.Write(_stage.At(0));
        _stage.World.Kill(_stage.At(0));

        Stage.Read(_stage.At(1).Sessions);
        _stage.Device.Reboot();
        _stage.Device.Move(1, changesAddress: true);
        _stage.Device.Register();
        _stage.Hear();
        _stage.Write(_stage.At(1));
        _stage.World.Kill(_stage.At(1));
        _stage.World.StartIngress(0);
        _stage.World.StartIngress(1);
        _stage.Settle();

        Assert.Equal(2, _stage.Uplink.Where(e => e.Kind == EventKind.Replaced).Select(e => e.RegistrationId).Distinct().Count());
        _stage.End();
    }

    [Fact]
    public void Remember_all__a_late_copy_of_a_Register_changes_nothing_after_a_crash()
    {
        _stage.Device.Register();
        _stage.World.Network.DeliverUp(0, keeps: true);
        _stage.Write(_stage.At(0));
        Stage.Report(_stage.At(0), Registrations, Landed(Registrations));
        Stage.Report(_stage.At(0), Uplink, Landed(Uplink));
        _stage.World.Network.DeliverDown(0);
        Assert.NotNull(_stage.Device.Location);
        _stage.Device.Update();
        _stage.World.Network.DeliverUp(1);
        _stage.Write(_stage.At(0));
        _stage.Restart(_stage.At(0));
        Calm.Settle(_stage.World);

        Assert.Equal(0, _stage.CountOf(EventKind.Replaced));
        _stage.End();

        bool Landed(string topic)
        {
            _stage.Land(_stage.At(0), topic);
            return true;
        }
    }

    [Fact]
    public void No_at_the_end__a_replica_that_lags_does_not_tell_a_registered_device_4_04()
    {
        var lags = _stage.At(1);
        _stage.Device.Register();
        _stage.Hear();
        Drive(_stage.At(0));
        Assert.NotNull(_stage.Device.Location);

        _stage.Device.Move(1, changesAddress: false);
        _stage.Device.Update();
        _stage.Hear();
        Assert.Equal((1, 0), (lags.Questions, _stage.World.Network.Down));
        _stage.Settle();
        Assert.Null(_stage.Device.Pending);
        Assert.NotNull(_stage.Device.Location);
        _stage.End();
    }

    [Fact]
    public void No_at_the_end__a_device_that_is_gone_is_told_so()
    {
        _stage.Register();
        var location = _stage.Device.Location;
        _stage.Device.Deregister();
        _stage.Settle();
        Assert.Null(_stage.Device.Location);
        Assert.NotNull(location);
        Assert.Equal(1, _stage.CountOf(EventKind.Deregistered));
        _stage.End();
    }

    [Fact]
    public void Rewrite__a_registration_record_that_lands_late_is_covered_by_its_owner()
    {
        _stage.Register();
        var (first, second) = (_stage.At(0), _stage.At(1));
        _stage.Device.Update();
        _stage.Hear();
        _stage.Write(first);
        var line = first.Producer.Lines.Single(l => l.Log.Topic == Registrations && !l.IsIdle);
        first.Producer.Fail(line, mayLandLater: true);
        _stage.World.Kill(first);
        _stage.World.StartIngress(0);
        _stage.Device.Move(1, changesAddress: false);
        _stage.Device.Repeat();
        Drive(second);
        var late = _stage.World.Orphans.SelectMany(o => o.Lines.Select(l => (o, l))).Single(o => o.l.Late.Count > 0);
        late.o.LandLate(late.l);
        _stage.End();
    }

    [Fact]
    public void Own_slot__what_a_paused_process_began_its_successor_finishes()
    {
        _stage.Register();
        var zombie = _stage.At(0);
        _stage.Device.Deregister();
        _stage.Hear();
        var next = _stage.Pause(zombie);
        // Its session record was on the way, and lands behind the start of the new process.
        _stage.Land(zombie, Sessions);
        _stage.World.Kill(zombie);
        Stage.Read(next.Sessions);
        _stage.World.Advance(TimeSpan.FromSeconds(1));
        _stage.Settle();

        Assert.Equal(1, _stage.CountOf(EventKind.Deregistered));
        _stage.End();
    }

    [Fact]
    public void A_record_that_failed_and_stands_all_the_same_is_not_written_again_when_its_time_comes()
    {
        _stage.Register();
        var owner = _stage.At(0);
        _stage.Device.Update();
        _stage.Hear();
        _stage.Land(owner, Sessions);
        Stage.Report(owner, Sessions, succeeded: false);
        Stage.Read(owner.Sessions);
        Drive(owner);
        Assert.Null(_stage.Device.Pending);

        // The next message is under way when the retry of the one before comes due.
        _stage.Device.Update();
        _stage.Hear();
        _stage.World.Advance(TimeSpan.FromSeconds(1));
        owner.Gateway.OnTimer();
        Assert.NotNull(owner.Table.ByEndpoint(_stage.Device.Endpoint)!.Job);
        Assert.Equal(0, _stage.World.Network.Down);
        _stage.End();
    }

    [Fact]
    public void A_Register_that_lost_its_number_to_a_newer_one_stays_without_effect()
    {
        _stage.Register();
        var (old, other) = (_stage.At(0), _stage.At(1));
        _stage.Device.Register();
        _stage.Hear();
        _stage.World.Advance(TimeSpan.FromSeconds(1));
        _stage.Device.Reboot();
        _stage.Device.Move(1, changesAddress: true);
        _stage.Device.Register();
        _stage.Hear();
        _stage.Write(other);
        var newest = _stage.Counting.RegistrationId;
        _stage.Land(old, Sessions);
        _stage.Settle();

        Assert.Equal(newest, _stage.Counting.RegistrationId);
        _stage.End();
    }

    [Fact]
    public void A_void_record_is_covered_before_compaction_can_take_the_one_that_counts()
    {
        _stage.Register();
        var (owner, other) = (_stage.At(0), _stage.At(1));
        _stage.Device.Update();
        _stage.Hear();
        _stage.Device.Move(1, changesAddress: false);
        _stage.Device.Repeat();
        _stage.Hear();
        _stage.Land(owner, Sessions);
        _stage.Land(other, Sessions);
        _stage.World.Kill(other);
        _stage.World.Advance(TimeSpan.FromSeconds(1));
        _stage.Settle();
        _stage.World.Advance(TimeSpan.FromMinutes(11));
        _stage.World.Compact(Sessions);
        _stage.Restart(owner);
        _stage.World.StartIngress(1);
        _stage.End();
    }

    [Fact]
    public void A_tombstone_over_a_registration_that_lives_is_covered()
    {
        _stage.Register();
        var key = System.Text.Encoding.UTF8.GetBytes(_stage.Device.Endpoint);
        // A replica that had not heard of the Register has let the log forget the endpoint.
        foreach (var topic in new[] { Registrations, Sessions })
            _stage.World.Cluster.Append(_stage.World.Cluster.Place(topic, -1, key), key, null, Array.Empty<RecordHeader>(), _stage.World.UnixMs, "a replica that lags");
        _stage.Settle();
        _stage.World.Advance(TimeSpan.FromSeconds(1));
        _stage.Settle();
        _stage.World.Advance(TimeSpan.FromMinutes(11));
        _stage.World.Compact(Sessions);
        _stage.World.Compact(Registrations);
        _stage.Restart(_stage.At(0));
        _stage.Restart(_stage.At(1));
        _stage.End();
    }

    // One process works alone; the others read nothing.
    void Drive(IngressProcess process)
    {
        for (var round = 0; round < 10; round++)
        {
            foreach (var line in process.Producer.Lines.Where(l => !l.IsIdle).ToList())
            {
                while (line.Waiting.Count > 0)
                    process.Producer.Land(line);
                while (line.Unreported.Count > 0)
                    process.Producer.Report(line, succeeded: true);
            }

            Stage.Read(process.Sessions);
            _stage.Hear();
            while (_stage.World.Network.Down > 0)
                _stage.World.Network.DeliverDown(0);
        }
    }
}
