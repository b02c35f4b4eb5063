using Contracts;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>What a device does wrong is told to it, counted, and harms nobody else.</summary>
public sealed class ProtocolErrorTests
{
    readonly GatewayUnderTest _gateway = new();

    [Theory]
    [InlineData("40", "")]                         // cut off
    [InlineData("80010001", "")]                   // version 2
    [InlineData("49010001aabbccddeeff001122", "70000001")] // token length 9
    [InlineData("59010001aabbccddeeff001122", "")] // the same, NON
    [InlineData("40210001", "70000001")]           // reserved class
    [InlineData("40010001ff", "70000001")]         // marker without payload
    [InlineData("400100011d", "70000001")]         // cut off option
    [InlineData("40000001", "70000001")]           // ping
    [InlineData("4100000101", "70000001")]         // empty message with a token
    [InlineData("60000009", "")]                   // acknowledgement of nothing
    [InlineData("70000009", "")]                   // reset of nothing
    public void Malformed_and_empty_messages_are_reset_or_ignored(string datagram, string answer)
    {
        _gateway.Receive(Convert.FromHexString(datagram));
        Assert.Equal(answer, _gateway.NextHex());
        Assert.Equal(0, _gateway.Log.Handed);
    }

    [Theory]
    [InlineData(CoapCode.Get, "rd", "4.05")]
    [InlineData(CoapCode.Put, "rd/x", "4.05")]
    [InlineData(CoapCode.Get, ".well-known/core", "4.04")]
    [InlineData(CoapCode.Put, "a", "4.04")]
    [InlineData(CoapCode.Post, "", "4.04")]
    [InlineData(CoapCode.Post, "bs", "4.04")]
    [InlineData(CoapCode.Post, "rd/a/b", "4.04")]
    [InlineData(CoapCode.Delete, "", "4.00")]
    [InlineData(CoapCode.Delete, "rd", "4.04")]
    [InlineData(CoapCode.Fetch, "rd", "4.05")]
    [InlineData((CoapCode)0x1F, "x", "4.05")]
    public void Requests_that_lead_nowhere_are_answered(CoapCode code, string path, string answer)
    {
        _gateway.Receive(_gateway.Request(code, path));
        Assert.Equal(answer, GatewayUnderTest.CodeOf(_gateway.Next()));
    }

    [Theory]
    [InlineData("4001000191" + "00", "4.02")]      // option 9 (OSCORE): critical, not understood
    [InlineData("40020001b27264" + "c107", "4.00")] // Block2 with the reserved size
    public void Options_that_are_not_understood_are_refused(string datagram, string code)
    {
        _gateway.Receive(Convert.FromHexString(datagram));
        Assert.Equal(code, GatewayUnderTest.CodeOf(_gateway.Next()));
    }

    [Fact]
    public void Ten_thousand_options_are_rejected()
    {
        var datagram = new byte[4 + 10_000];
        (datagram[0], datagram[1], datagram[3]) = (0x40, 0x02, 1);
        _gateway.Receive(datagram);
        Assert.Equal("70000001", _gateway.NextHex());
    }

    [Fact]
    public void Bad_messages_of_a_registered_device_do_not_touch_its_session()
    {
        var id = _gateway.Register();
        foreach (var bad in new[] { "80010001", "4f010001", "40210002", "40010003ff", "70001234", "60001234", "4001000491" + "00" })
            _gateway.Receive(Convert.FromHexString(bad));
        _gateway.Sent.Clear();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
    }

    [Theory]
    [InlineData("</1/0>;title=\"a,b\",</3/0>;obs", 2)]
    [InlineData("</1/0>,", 1)]
    [InlineData("", 0)]
    public void Object_lists_are_read_with_quotes_and_bare_attributes(string objects, int count)
    {
        _gateway.Register(objects: objects);
        Assert.Equal(count, _gateway.Log.Uplink.Single().Registration.ObjectList.Count);
    }

    [Fact]
    public void A_broken_object_list_is_refused_with_a_reason()
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=a&lt=60", "</1/0"));
        Assert.Equal("4.00", GatewayUnderTest.CodeOf(_gateway.Next()));
    }

    [Fact]
    public void Random_datagrams_harm_nothing()
    {
        var random = new Random(11);
        var id = _gateway.Register();
        var buffer = new byte[200];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(buffer);
            buffer[0] = (byte)(0x40 | (buffer[0] & 0x3F));
            _gateway.Receive(buffer[..random.Next(0, buffer.Length)]);
        }

        _gateway.Log.Settle();
        _gateway.Sent.Clear();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Equal([EventKind.Registered, EventKind.Updated], _gateway.Log.Uplink.Select(e => e.Kind));
    }
}
