using System.Text.Json;
using Protocol.Coap;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using Tools.Simulation;

namespace Pipeline.Tests.Tools;

/// <summary>Simulated devices of LwM2M 1.0, 1.1 and 1.2. Where they share codecs with the gateway, the bytes are written down here.</summary>
public sealed class DeviceVersionTests
{
    static readonly Lwm2mPath Battery = new(3, 0, 9);
    static readonly Lwm2mPath Lifetime = new(1, 0, 1);

    static DeviceBench Registered(string version, ushort format = ContentFormats.Tlv, SendPlan? sends = null)
    {
        var bench = DeviceBench.Registered(Settings(version, format, sends));
        bench.Device.Objects.Set(Battery, Lwm2mValue.Integer(95));
        bench.Device.Objects.Changed.Clear();
        return bench;
    }

    static DeviceSettings Settings(string version, ushort format, SendPlan? sends = null) => new()
    {
        Endpoint = "dev-1",
        Profile = DeviceProfile.Bare,
        Lwm2mVersion = version,
        Format = format,
        Sends = sends,
        Lifetime = TimeSpan.FromDays(1),
    };

    static string Hex(Message message) => Convert.ToHexStringLower(message.Payload);

    [Theory]
    [InlineData("1.0", ContentFormats.Tlv, "</>;rt=\"oma.lwm2m\",</1/0>,</3/0>")]
    [InlineData("1.1", ContentFormats.Tlv, "</>;rt=\"oma.lwm2m\",</1/0>,</3/0>")]
    [InlineData("1.1", ContentFormats.SenmlJson, "</>;rt=\"oma.lwm2m\";ct=110,</1/0>,</3/0>")]
    [InlineData("1.2", ContentFormats.Lwm2mCbor, "</>;rt=\"oma.lwm2m\";ct=11544,</1/0>,</3/0>")]
    public void Register_says_version_and_preferred_format(string version, ushort format, string links)
    {
        var bench = new DeviceBench(Settings(version, format));
        bench.Device.Start(0);
        bench.Device.Poll(0);
        var register = bench.Received();
        Assert.Equal(["ep=dev-1", "lt=86400", "lwm2m=" + version, "b=U"], register.Queries);
        Assert.Equal(links, register.Text);
    }

    [Theory]
    [InlineData("1.0", 0, "3935")]
    [InlineData("1.0", 11542, "c1095f")]
    [InlineData("1.0", 110, null)]
    [InlineData("1.0", 112, null)]
    [InlineData("1.1", 60, "185f")]
    [InlineData("1.1", 110, "5b7b22626e223a222f332f302f39222c2276223a39357d5d")]
    [InlineData("1.1", 112, "81a221662f332f302f3902185f")]
    [InlineData("1.1", 11544, null)]
    [InlineData("1.2", 11544, "a103a100a109185f")]
    [InlineData("1.2", 50, null)]
    public void Read_is_answered_in_the_format_that_is_accepted(string version, ushort accept, string? payload)
    {
        var answer = Registered(version).Ask(CoapCode.Get, "/3/0/9", accept: accept);
        Assert.Equal(payload is null ? "4.06" : "2.05", answer.Code.Dotted);
        Assert.Equal((payload ?? "", payload is null ? null : (ushort?)accept), (Hex(answer), answer.ContentFormat));
    }

    [Fact]
    public void Without_Accept_answers_and_notifications_are_as_the_device_prefers()
    {
        var bench = Registered("1.1", ContentFormats.SenmlCbor);
        var answer = bench.Ask(CoapCode.Get, "/3/0/9", observe: 0);
        Assert.Equal((ContentFormats.SenmlCbor, "81a221662f332f302f3902185f"), (answer.ContentFormat!.Value, Hex(answer)));
        bench.Device.Objects.Set(Battery, Lwm2mValue.Integer(94));
        var notification = bench.AwaitMessage(60_000);
        Assert.Equal((ContentFormats.SenmlCbor, "81a221662f332f302f3902185e"), (notification.ContentFormat!.Value, Hex(notification)));
    }

    // [{"n":"/3/0/9"},{"n":"/1/0/1"},{"n":"/9/0/0"}]: what is not there is left out.
    const string AskedPaths = "83a100662f332f302f39a100662f312f302f31a100662f392f302f30";

    [Fact]
    public void Composite_read_has_the_bytes_of_the_protocol()
    {
        var bench = Registered("1.1");
        var answer = bench.Ask((CoapCode)5, "/", 112, Convert.FromHexString(AskedPaths));
        Assert.Equal(("2.05", (ushort?)112, "82a200662f332f302f3902185fa200662f312f302f31021a00015180"), (answer.Code.Dotted, answer.ContentFormat, Hex(answer)));
        answer = bench.Ask((CoapCode)5, "/", 112, Convert.FromHexString(AskedPaths), accept: 110, token: [1]);
        Assert.Equal("""[{"n":"/3/0/9","v":95},{"n":"/1/0/1","v":86400}]""", answer.Text);
        Assert.Equal("4.00", bench.Ask((CoapCode)5, "/", 112, [0xFF], token: [2]).Code.Dotted);
        Assert.Equal("4.15", bench.Ask((CoapCode)5, "/", 11542, [0xC1], token: [3]).Code.Dotted);
        Assert.Equal("4.05", Registered("1.0").Ask((CoapCode)5, "/", 112, Convert.FromHexString(AskedPaths)).Code.Dotted);
    }

    [Fact]
    public void Composite_observation_reports_what_it_names_and_nothing_else()
    {
        var bench = Registered("1.1");
        Assert.NotNull(bench.Ask((CoapCode)5, "/", 112, Convert.FromHexString(AskedPaths), observe: 0, token: [7]).Observe);
        bench.Device.Objects.Set(new Lwm2mPath(3, 0, 15), Lwm2mValue.String("Europe/Berlin"));
        bench.AdvanceTo(20_000);
        Assert.True(bench.IsSilent);
        bench.Device.Objects.Set(Battery, Lwm2mValue.Integer(94));
        var notification = bench.AwaitMessage(60_000);
        Assert.Equal("82a200662f332f302f3902185ea200662f312f302f31021a00015180", Hex(notification));
        bench.Acknowledge(notification);
        Assert.Null(bench.Ask((CoapCode)5, "/", 112, Convert.FromHexString(AskedPaths), observe: 1, token: [7]).Observe);
        bench.Device.Objects.Set(Battery, Lwm2mValue.Integer(93));
        bench.AdvanceTo(80_000);
        Assert.True(bench.IsSilent);
    }

    [Fact]
    public void Composite_write_is_all_or_nothing()
    {
        var bench = Registered("1.1");
        // [{"n":"/1/0/1","v":60},{"n":"/3/0/9","v":1}]: the second cannot be written; then the first alone.
        Assert.Equal("4.05", bench.Ask((CoapCode)7, "/", 112, Convert.FromHexString("82a200662f312f302f3102183ca200662f332f302f390201")).Code.Dotted);
        Assert.Equal(86400, bench.Device.Objects[Lifetime].Number);
        Assert.Equal("2.04", bench.Ask((CoapCode)7, "/", 112, Convert.FromHexString("81a200662f312f302f3102183c"), token: [1]).Code.Dotted);
        Assert.Equal(60, bench.Device.Objects[Lifetime].Number);
        Assert.Contains("lt=60", bench.Received().Queries);
    }

    [Fact]
    public void Send_has_the_bytes_of_the_protocol()
    {
        var bench = Registered("1.1", sends: new SendPlan([Battery], 60_000, 1, ContentFormats.SenmlCbor));
        var send = bench.AwaitMessage(60_000);
        Assert.Equal((CoapType.Confirmable, CoapCode.Post, "/dp"), (send.Type, send.Code, send.Path));
        // Behind message id and token: Uri-Path dp, Content-Format 112, [{"n":"/3/0/9","v":95}].
        Assert.Equal("b26470" + "1170" + "ff" + "81a200662f332f302f3902185f", Convert.ToHexStringLower(send.Bytes.AsSpan(8)));
        bench.Answer(send, CoapCode.Changed);
        Assert.Contains(bench.Events, e => e.Kind == DeviceEventKind.Sent);
    }

    [Fact]
    public void Several_samples_bear_their_times_and_wait_until_they_are_taken()
    {
        var bench = Registered("1.1", sends: new SendPlan([Battery], 60_000, 2, ContentFormats.SenmlJson));
        var send = bench.AwaitMessage(120_000);
        Assert.Equal(30, ApartOf(send.Text));
        var refused = send.Text;
        bench.Answer(send, CoapCode.ServiceUnavailable, (ref CoapWriter writer) => writer.AddOption(CoapOptionNumber.MaxAge, 5u));
        var asked = bench.Now;
        send = bench.AwaitMessage(asked + 5_000);
        Assert.Equal((asked + 5_000, refused), (bench.Now, send.Text));
        bench.Answer(send, CoapCode.Changed);
        send = bench.AwaitMessage(bench.Now + 60_000);
        Assert.NotEqual(refused, send.Text);
        bench.Answer(send, CoapCode.BadRequest);
        Assert.Contains(bench.Events, e => e is { Kind: DeviceEventKind.SendRefused, Code: CoapCode.BadRequest });
        Assert.Equal(2, JsonDocument.Parse(bench.AwaitMessage(bench.Now + 60_000).Text).RootElement.GetArrayLength());
    }

    [Fact]
    public void Mute_Send_is_obeyed()
    {
        var bench = Registered("1.1", sends: new SendPlan([Battery], 60_000, 1, ContentFormats.SenmlCbor));
        Assert.Equal("2.04", bench.Ask(CoapCode.Put, "/1/0/23", 0, "1"u8.ToArray()).Code.Dotted);
        bench.AdvanceTo(600_000);
        Assert.True(bench.IsSilent);
        Assert.Equal("2.04", bench.Ask(CoapCode.Put, "/1/0/23", 0, "0"u8.ToArray(), token: [1]).Code.Dotted);
        Assert.Equal("/dp", bench.AwaitMessage(700_000).Path);
    }

    [Fact]
    public void Send_that_finds_no_registration_makes_the_device_ask_for_it()
    {
        var bench = Registered("1.1", sends: new SendPlan([Battery], 60_000, 1, ContentFormats.SenmlCbor));
        bench.Answer(bench.AwaitMessage(60_000), CoapCode.NotFound);
        var update = bench.Received();
        Assert.Equal("/rd/a1", update.Path);
        bench.Answer(update, CoapCode.NotFound);
        Assert.Equal("/rd", bench.Received().Path);
    }

    static double ApartOf(string json)
    {
        var times = JsonDocument.Parse(json).RootElement.EnumerateArray().Select(record => record.GetProperty("t").GetDouble()).ToArray();
        Assert.Equal(2, times.Length);
        return Math.Round(times[1] - times[0], 3);
    }
}
