using Protocol.Coap;
using Protocol.Lwm2m.Formats;
using Tools.Simulation;

namespace Pipeline.Tests.Tools;

public sealed class DeviceRegistrationTests
{
    [Fact]
    public void Register_says_who_the_device_is_and_what_it_has()
    {
        var bench = new DeviceBench(new DeviceSettings { Endpoint = "dev-1", Lifetime = TimeSpan.FromSeconds(60), Lwm2mVersion = "1.1" });
        bench.Device.Start(0);
        bench.Device.Poll(0);

        var register = bench.Received();
        Assert.Equal((CoapType.Confirmable, CoapCode.Post, "/rd"), (register.Type, register.Code, register.Path));
        Assert.Equal(["ep=dev-1", "lt=60", "lwm2m=1.1", "b=U"], register.Queries);
        Assert.Equal(ContentFormats.LinkFormat, register.ContentFormat);
        Assert.Equal("</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</3303/0>,</3304/0>", register.Text);

        bench.Answer(register, CoapCode.Created);
        Assert.Equal(RegistrationStep.Registered, bench.Device.Step);
        Assert.Equal(DeviceEventKind.Registered, Assert.Single(bench.Events).Kind);
    }

    [Fact]
    public void Unanswered_register_is_repeated_four_times_with_the_same_bytes_and_tried_anew_later()
    {
        var bench = new DeviceBench();
        bench.Device.Start(0);
        bench.Device.Poll(0);
        var first = bench.Received();

        var times = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(first.Bytes, bench.AwaitMessage(100_000).Bytes);
            times.Add(bench.Now);
        }
        Assert.InRange(times[0], 2000, 3000);
        for (var i = 1; i < 4; i++)
            Assert.Equal(times[0] << (i + 1), times[i] + times[0]);

        var again = bench.AwaitMessage(200_000);
        Assert.NotEqual(first.MessageId, again.MessageId);
        Assert.Equal(first.Payload, again.Payload);
        Assert.Contains(bench.Events, happening => happening.Kind == DeviceEventKind.TimedOut);
    }

    [Fact]
    public void Session_that_the_gateway_ends_is_mended_by_an_update_and_what_was_outstanding_follows()
    {
        var bench = DeviceBench.Registered();
        bench.Ask(CoapCode.Get, "/3303/0/5700", observe: 0);
        var lost = bench.AwaitMessage(60_000);
        Assert.Equal(CoapCode.Content, lost.Code);

        bench.Device.Reconnect(bench.Now);
        var update = bench.Received();
        Assert.Equal((CoapCode.Post, "/rd/a1"), (update.Code, update.Path));
        Assert.True(bench.IsSilent);
        bench.Answer(update, CoapCode.Changed);
        var again = bench.Received();
        Assert.Equal(CoapCode.Content, again.Code);
        Assert.Equal(lost.Token, again.Token);
        Assert.NotEqual(lost.MessageId, again.MessageId);
    }

    [Fact]
    public void Session_that_ends_before_the_register_is_answered_gets_another_register()
    {
        var bench = new DeviceBench();
        bench.Device.Start(0);
        bench.Device.Poll(0);
        var first = bench.Received();
        bench.Device.Reconnect(0);
        var second = bench.Received();
        Assert.Equal("/rd", second.Path);
        Assert.NotEqual(first.MessageId, second.MessageId);
        bench.Answer(second, CoapCode.Created);
        Assert.Equal(RegistrationStep.Registered, bench.Device.Step);
    }

    [Fact]
    public void Refused_register_waits_for_max_age()
    {
        var bench = new DeviceBench();
        bench.Device.Start(0);
        bench.Device.Poll(0);
        bench.Answer(bench.Received(), CoapCode.ServiceUnavailable, (ref CoapWriter writer) => writer.AddOption(CoapOptionNumber.MaxAge, 30));
        Assert.Equal(DeviceEventKind.RegistrationFailed, Assert.Single(bench.Events).Kind);

        Assert.Equal("/rd", bench.AwaitMessage(60_000).Path);
        Assert.Equal(30_000, bench.Now);
    }

    [Fact]
    public void Separate_response_to_register_is_acknowledged_each_time_it_comes()
    {
        var bench = new DeviceBench();
        bench.Device.Start(0);
        bench.Device.Poll(0);
        var register = bench.Received();
        bench.Acknowledge(register);

        var buffer = new byte[64];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Created, 0x1234, register.Token);
        writer.AddLocationPath("/rd/a1");
        Assert.True(writer.TryFinish(out var length));
        for (var i = 0; i < 2; i++)
        {
            bench.Deliver(buffer[..length]);
            Assert.Equal("60001234", Convert.ToHexString(bench.Received().Bytes));
        }
        Assert.Equal(RegistrationStep.Registered, bench.Device.Step);
        Assert.Single(bench.Events);
    }

    [Fact]
    public void Update_comes_before_the_lifetime_ends_and_4_04_makes_the_device_register_again()
    {
        var bench = DeviceBench.Registered(new DeviceSettings { Endpoint = "dev-1", Lifetime = TimeSpan.FromSeconds(300) });
        var update = bench.AwaitMessage(300_000);
        Assert.Equal((CoapCode.Post, "/rd/a1"), (update.Code, update.Path));
        Assert.Empty(update.Payload);
        Assert.InRange(bench.Now, 150_000, 300_000 - 93_000);

        bench.Answer(update, CoapCode.Changed);
        Assert.Equal(DeviceEventKind.Updated, bench.Events[^1].Kind);
        bench.Answer(bench.AwaitMessage(600_000), CoapCode.NotFound);
        Assert.Equal("/rd", bench.Received().Path);
    }

    [Fact]
    public void Stop_deregisters()
    {
        var bench = DeviceBench.Registered();
        bench.Device.Stop(0);
        var deregister = bench.Received();
        Assert.Equal((CoapCode.Delete, "/rd/a1"), (deregister.Code, deregister.Path));
        bench.Answer(deregister, CoapCode.Deleted);
        Assert.Equal(RegistrationStep.Off, bench.Device.Step);
        Assert.Equal(long.MaxValue, bench.Device.NextDeadline);
    }

    [Fact]
    public void Reboot_answers_goes_silent_and_registers_again_without_observations()
    {
        var bench = DeviceBench.Registered();
        bench.Ask(CoapCode.Get, "/3303/0/5700", observe: 0);
        Assert.Equal(CoapCode.Changed, bench.Ask(CoapCode.Post, "/3/0/4").Code);

        bench.Deliver(bench.Request(CoapCode.Get, "/3/0/0"));
        Assert.True(bench.IsSilent);
        Assert.Equal("/rd", bench.AwaitMessage(10_000).Path);
        Assert.Equal(2000, bench.Now);
        Assert.Equal(0, bench.Device.ObservationCount);
    }

    [Fact]
    public void Update_trigger_and_a_new_lifetime_give_updates()
    {
        var bench = DeviceBench.Registered();
        Assert.Equal(CoapCode.Changed, bench.Ask(CoapCode.Post, "/1/0/8").Code);
        var update = bench.Received();
        Assert.Empty(update.Queries);
        bench.Answer(update, CoapCode.Changed);

        Assert.Equal(CoapCode.Changed, bench.Ask(CoapCode.Put, "/1/0/1", ContentFormats.Text, "120"u8.ToArray()).Code);
        Assert.Equal(["lt=120"], bench.Received().Queries);
    }
}
