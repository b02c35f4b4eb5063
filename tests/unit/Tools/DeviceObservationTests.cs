using Protocol.Coap;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using Tools.Simulation;

namespace Pipeline.Tests.Tools;

public sealed class DeviceObservationTests
{
    const string Dimmer = "/3311/0/5851";

    // Values move by themselves only after a day: the tests move them.
    readonly DeviceBench _bench = DeviceBench.Registered(new DeviceSettings
    {
        Endpoint = "dev-1", Profile = DeviceProfile.Light, Lifetime = TimeSpan.Zero, Interval = TimeSpan.FromDays(1),
    });

    void Dim(int value) =>
        Assert.Equal(CoapCode.Changed, _bench.Ask(CoapCode.Put, Dimmer, ContentFormats.Text, System.Text.Encoding.ASCII.GetBytes($"{value}")).Code);

    [Fact]
    public void Change_is_notified_with_the_token_and_a_higher_number()
    {
        Dim(20);
        var first = _bench.Ask(CoapCode.Get, Dimmer, observe: 0, token: [7, 7]);
        Assert.Equal(CoapCode.Content, first.Code);
        Dim(30);
        var notification = _bench.Received();
        Assert.Equal((CoapType.Confirmable, CoapCode.Content), (notification.Type, notification.Code));
        Assert.Equal([7, 7], notification.Token);
        Assert.True(notification.Observe > first.Observe);
        Assert.Equal("E116DB1E", Convert.ToHexString(notification.Payload));

        _bench.Acknowledge(notification);
        Assert.Equal(new DeviceEvent("dev-1", DeviceEventKind.Notified, DeviceOperation.Unknown, new Lwm2mPath(3311, 0, 5851), CoapCode.Empty), _bench.Events[^1]);
        Assert.True(_bench.IsSilent);
    }

    [Fact]
    public void While_one_is_unacknowledged_changes_wait_and_the_newest_follows()
    {
        _bench.Ask(CoapCode.Get, Dimmer, observe: 0);
        Dim(31);
        var first = _bench.Received();
        Dim(32);
        Dim(33);
        Assert.True(_bench.IsSilent);
        Assert.Equal(first.Bytes, _bench.AwaitMessage(3000).Bytes);
        _bench.Acknowledge(first);
        Assert.Equal("E116DB21", Convert.ToHexString(_bench.Received().Payload));
    }

    [Fact]
    public void Unacknowledged_notification_ends_in_a_new_registration()
    {
        _bench.Ask(CoapCode.Get, Dimmer, observe: 0);
        Dim(31);
        for (var i = 0; i < 5; i++)
            Assert.Equal(CoapCode.Content, _bench.AwaitMessage(100_000).Code);
        Assert.Equal("/rd", _bench.AwaitMessage(100_000).Path);
        Assert.Equal(0, _bench.Device.ObservationCount);
    }

    [Fact]
    public void Reset_and_deregistration_end_the_observation()
    {
        _bench.Ask(CoapCode.Get, Dimmer, observe: 0, token: [1]);
        Dim(31);
        _bench.Reset(_bench.Received());
        Assert.Equal(0, _bench.Device.ObservationCount);
        Assert.Equal(DeviceEventKind.ObservationEnded, _bench.Events[^1].Kind);

        _bench.Ask(CoapCode.Get, Dimmer, observe: 0, token: [2]);
        var cancelled = _bench.Ask(CoapCode.Get, Dimmer, observe: 1, token: [2]);
        Assert.Equal((CoapCode.Content, null), (cancelled.Code, cancelled.Observe));
        Dim(32);
        Assert.True(_bench.IsSilent);
    }

    [Fact]
    public void Non_confirmable_notifications_are_not_repeated_and_can_be_reset()
    {
        var bench = DeviceBench.Registered(new DeviceSettings { Endpoint = "dev-1", ConfirmableNotifications = false, Lifetime = TimeSpan.Zero });
        bench.Ask(CoapCode.Get, "/3303/0", observe: 0);
        var notification = bench.AwaitMessage(60_000);
        Assert.Equal(CoapType.NonConfirmable, notification.Type);
        bench.Reset(notification);
        Assert.Equal(0, bench.Device.ObservationCount);
    }

    [Fact]
    public void Pmin_delays_and_pmax_repeats()
    {
        Assert.Equal(CoapCode.Changed, _bench.Ask(CoapCode.Put, "/3311/0", query: "pmin=5&pmax=60").Code);
        Dim(20);
        _bench.Ask(CoapCode.Get, Dimmer, observe: 0);
        Dim(31);
        Assert.True(_bench.IsSilent);
        var delayed = _bench.AwaitMessage(60_000);
        Assert.Equal(5000, _bench.Now);
        _bench.Acknowledge(delayed);

        var repeated = _bench.AwaitMessage(100_000);
        Assert.Equal(65_000, _bench.Now);
        Assert.Equal(delayed.Payload, repeated.Payload);
        Assert.True(repeated.Observe > delayed.Observe);
    }

    [Theory]
    [InlineData("gt=50", 40, false)]
    [InlineData("gt=50", 51, true)]
    [InlineData("lt=10", 12, false)]
    [InlineData("lt=10", 9, true)]
    [InlineData("st=8", 27, false)]
    [InlineData("st=8", 28, true)]
    public void Thresholds_decide_what_is_notified(string attributes, int value, bool isNotified)
    {
        Dim(20);
        _bench.Ask(CoapCode.Put, Dimmer, query: attributes);
        _bench.Ask(CoapCode.Get, Dimmer, observe: 0);
        Dim(value);
        Assert.Equal(!isNotified, _bench.IsSilent);
    }

    [Fact]
    public void Deleted_instance_ends_its_observation_with_4_04()
    {
        _bench.Ask(CoapCode.Post, "/3311", ContentFormats.Tlv, Convert.FromHexString("E116DA01"));
        _bench.Answer(_bench.Received(), CoapCode.Changed);
        _bench.Ask(CoapCode.Get, "/3311/1", observe: 0, token: [5]);
        Assert.Equal(CoapCode.Deleted, _bench.Ask(CoapCode.Delete, "/3311/1").Code);
        _bench.Answer(_bench.Received(), CoapCode.Changed);
        var last = _bench.Received();
        Assert.Equal((CoapCode.NotFound, null), (last.Code, last.Observe));
        Assert.Equal([5], last.Token);
        Assert.Equal(0, _bench.Device.ObservationCount);
    }

    [Fact]
    public void Too_many_observations_are_answered_as_reads()
    {
        for (byte i = 0; i < ObservationTable.MaxObservations; i++)
            Assert.NotNull(_bench.Ask(CoapCode.Get, Dimmer, observe: 0, token: [i]).Observe);
        var refused = _bench.Ask(CoapCode.Get, Dimmer, observe: 0, token: [200]);
        Assert.Equal((CoapCode.Content, null), (refused.Code, refused.Observe));
    }

    [Fact]
    public void Same_seed_gives_the_same_values_and_they_move()
    {
        Assert.Equal(Temperatures(), Temperatures());
        Assert.True(Temperatures().Distinct().Count() > 5);
    }

    static List<double> Temperatures()
    {
        var bench = DeviceBench.Registered(new DeviceSettings { Endpoint = "dev-1", Lifetime = TimeSpan.Zero });
        var values = new List<double>();
        for (var i = 1; i <= 60; i++)
        {
            bench.AdvanceTo(i * 5_000);
            values.Add(bench.Device.Objects[new Lwm2mPath(3303, 0, 5700)].Real);
        }
        Assert.All(values, value => Assert.InRange(value, 0, 40));
        return values;
    }
}
