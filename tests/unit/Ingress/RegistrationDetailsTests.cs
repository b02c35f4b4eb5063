using System.Net;
using Contracts;
using Ingress.Messages;
using Ingress.Registrations;
using Ingress.Security;
using Ingress.Sockets;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>What a Register says in each version of LwM2M, as the bytes that it is.</summary>
public sealed class RegistrationDetailsTests : IProofs
{
    // ep=d0&lt=300&b=UQ with </1/0>,</3/0>.
    const string Version10 = "41024001aab2726411283565703d6430066c743d33303004623d5551ff3c2f312f303e2c3c2f332f303e";

    // ep=d1&lwm2m=1.1&lt=60&b=U&Q with </>;rt="oma.lwm2m";ct="60 110 112",</1/0>,</3>;ver=1.1,</3/0>.
    const string Version11 =
        "41024002aab2726411283565703d6431096c776d326d3d312e31056c743d363003623d550151ff3c2f3e3b72743d226f6d612e6c776d326d223b63743d223630203131302031"
        + "3132222c3c2f312f303e2c3c2f333e3b7665723d312e312c3c2f332f303e";

    // ep=d2&lwm2m=1.2&lt=0&b=UH&Q&sms=491&pid=12,7 with </lwm2m>;rt="oma.lwm2m";ct=11544,</lwm2m/1/0>,</lwm2m/3/0>;ver=1.2.
    const string Version12 =
        "41024003aab2726411283565703d6432096c776d326d3d312e32046c743d3004623d5548015107736d733d343931087069643d31322c37ff3c2f6c776d326d3e3b72743d226f"
        + "6d612e6c776d326d223b63743d31313534342c3c2f6c776d326d2f312f303e2c3c2f6c776d326d2f332f303e3b7665723d312e32";

    // lwm2m=1.1&lt=60 with </3/0>: no ep.
    const string Nameless = "41024004aab272641128396c776d326d3d312e31056c743d3630ff3c2f332f303e";

    static readonly Peer At = Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 5009), 2);

    readonly Credential _one = new("psk:id-1", new EndpointRule("dev-1", "id-1"), [1]);
    readonly Credential _several = new("psk:id-2", new EndpointRule("dev-*", "id-2"), [2]);
    readonly GatewayUnderTest _gateway;

    public RegistrationDetailsTests() => _gateway = new GatewayUnderTest(proofs: this);

    Credential? IProofs.Of(in Peer peer) => peer.Equals(At.With(_one.Proof)) ? _one : peer.Equals(At.With(_several.Proof)) ? _several : null;

    RegistrationRecord Register(string datagram, Peer? from = null)
    {
        _gateway.Receive(Convert.FromHexString(datagram), from);
        _gateway.Log.Settle();
        GatewayUnderTest.LocationOf(_gateway.Next());
        return _gateway.Log.Registrations.Last();
    }

    [Fact]
    public void Version_1_0_says_Q_with_a_letter_of_its_binding()
    {
        var record = Register(Version10);
        Assert.Equal(("d0", "1.0", "UQ", true, 300L), (record.Endpoint, record.Lwm2mVersion, record.Binding, record.QueueMode, record.Lifetime));
        Assert.Equal(["/1/0", "/3/0"], record.Objects);
        Assert.Equal("/", record.AlternatePath);
    }

    [Fact]
    public void Version_1_1_says_Q_with_a_parameter_and_names_formats_and_versions()
    {
        var record = Register(Version11);
        Assert.Equal(("d1", "1.1", "U", true, 60L), (record.Endpoint, record.Lwm2mVersion, record.Binding, record.QueueMode, record.Lifetime));
        Assert.Equal(["/1/0", "/3", "/3/0"], record.Objects);
        Assert.Equal("1.1", record.Versions["3"]);
        Assert.Equal([60, 110, 112], Read(Version11).Objects!.Formats.All);
    }

    [Fact]
    public void Version_1_2_has_a_life_without_end_profiles_and_a_path_before_all_objects()
    {
        var record = Register(Version12);
        Assert.Equal(("d2", "1.2", "UH", true), (record.Endpoint, record.Lwm2mVersion, record.Binding, record.QueueMode));
        Assert.Equal((0L, (long)_gateway.Configuration.Ingress.InfiniteLifetimeMax.TotalSeconds), (record.RequestedLifetime, record.Lifetime));
        Assert.Equal(["/1/0", "/3/0"], record.Objects);
        Assert.Equal("/lwm2m", record.AlternatePath);
        Assert.Equal("1.2", record.Versions["3"]);
        Assert.Equal([11544], Read(Version12).Objects!.Formats.All);
        var said = Assert.Single(_gateway.Log.Uplink).Registration.Parameters.ToDictionary(p => p.Key, p => p.Value);
        Assert.Equal(("491", "12,7"), (said["sms"], said["pid"]));
    }

    [Fact]
    public void Who_is_proven_may_leave_out_who_it_is()
    {
        var record = Register(Nameless, At.With(_one.Proof));
        Assert.Equal(("dev-1", "psk:id-1"), (record.Endpoint, record.Client.Identity));
        Assert.Contains(Assert.Single(_gateway.Log.Uplink).Registration.Parameters, p => p is { Key: "ep", Value: "dev-1" });
        // Its repetition is the same message.
        _gateway.Receive(Convert.FromHexString(Nameless), At.With(_one.Proof));
        _gateway.Log.Settle();
        Assert.Equal(record.RegistrationId, GatewayUnderTest.LocationOf(_gateway.Next()));
    }

    [Fact]
    public void Who_is_not_proven_or_may_be_several_must_say_who_it_is()
    {
        foreach (var from in new[] { GatewayUnderTest.Device, At.With(_several.Proof) })
        {
            _gateway.Receive(Convert.FromHexString(Nameless), from);
            _gateway.Log.Settle();
            Assert.Equal("4.00", GatewayUnderTest.CodeOf(_gateway.Next()));
        }

        Assert.Empty(_gateway.Log.Entries);
    }

    [Fact]
    public void A_name_that_is_said_counts_before_the_proven_one()
    {
        _gateway.Receive(Convert.FromHexString(Version11), At.With(_one.Proof));
        _gateway.Log.Settle();
        Assert.Equal("4.03", GatewayUnderTest.CodeOf(_gateway.Next()));
    }

    [Theory]
    [InlineData("lwm2m=1.0&b=UQ", true)]
    [InlineData("lwm2m=1.0&b=U&Q", true)]
    [InlineData("lwm2m=1.1&b=UQ", true)]
    [InlineData("lwm2m=1.2&b=U&Q", true)]
    [InlineData("lwm2m=1.2&b=UTSNMH", false)]
    [InlineData("lwm2m=1.1&b=U", false)]
    public void Q_is_understood_in_every_version(string query, bool sleeps)
    {
        _gateway.Register(query: "&lt=300&" + query);
        Assert.Equal(sleeps, _gateway.Log.Registrations.Last().QueueMode);
    }

    static RegisterRequest Read(string datagram)
    {
        Assert.Equal(CoapParseError.None, CoapFrame.TryParse(Convert.FromHexString(datagram), out var frame));
        Assert.True(RegisterRequest.TryParse(new Message(frame, default, isAtEndOfLog: true), out var request, out _));
        return request!;
    }
}
