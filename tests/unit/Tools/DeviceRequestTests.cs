using Protocol.Coap;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using Tools.Simulation;

namespace Pipeline.Tests.Tools;

public sealed class DeviceRequestTests
{
    readonly DeviceBench _bench = DeviceBench.Registered(new DeviceSettings { Endpoint = "dev-1", Profile = DeviceProfile.Light });

    static byte[] Hex(string digits) => Convert.FromHexString(digits);

    [Fact]
    public void Read_answers_in_the_acknowledgement_with_token_and_TLV()
    {
        var answer = _bench.Ask(CoapCode.Get, "/3/0/2", token: [1, 2, 3]);
        Assert.Equal((CoapType.Acknowledgement, CoapCode.Content, ContentFormats.Tlv), (answer.Type, answer.Code, answer.ContentFormat!.Value));
        Assert.Equal([1, 2, 3], answer.Token);
        Assert.Equal("C5026465762D31", Convert.ToHexString(answer.Payload));
    }

    [Fact]
    public void Read_gives_what_is_asked_for()
    {
        Assert.Equal("dev-1", _bench.Ask(CoapCode.Get, "/3/0/2", accept: ContentFormats.Text).Text);
        // Error code: a multiple resource with the one instance 0.
        Assert.Equal("830B410000", Convert.ToHexString(_bench.Ask(CoapCode.Get, "/3/0/11").Payload));
        Assert.Equal("410000", Convert.ToHexString(_bench.Ask(CoapCode.Get, "/3/0/11/0").Payload));

        var instance = _bench.Ask(CoapCode.Get, "/3311/0").Payload;
        var asObject = _bench.Ask(CoapCode.Get, "/3311").Payload;
        Assert.Equal([0x08, 0x00, (byte)instance.Length, .. instance], asObject);
    }

    [Theory]
    [InlineData("/9/0", CoapCode.NotFound)]
    [InlineData("/3/0/99", CoapCode.NotFound)]
    [InlineData("/3/0/4", CoapCode.MethodNotAllowed)]
    [InlineData("/hello", CoapCode.NotFound)]
    [InlineData("/", CoapCode.MethodNotAllowed)]
    public void Read_of_what_is_not_there_is_refused(string path, CoapCode code) => Assert.Equal(code, _bench.Ask(CoapCode.Get, path).Code);

    [Fact]
    public void Read_in_a_format_that_does_not_suit_is_not_acceptable()
    {
        Assert.Equal(CoapCode.NotAcceptable, _bench.Ask(CoapCode.Get, "/3/0", accept: ContentFormats.Text).Code);
        Assert.Equal(CoapCode.NotAcceptable, _bench.Ask(CoapCode.Get, "/3/0/0", accept: ContentFormats.Exi).Code);
    }

    [Fact]
    public void Write_takes_text_and_TLV()
    {
        Assert.Equal(CoapCode.Changed, _bench.Ask(CoapCode.Put, "/3311/0/5851", ContentFormats.Text, "30"u8.ToArray()).Code);
        Assert.Equal(Lwm2mValue.Integer(30), _bench.Device.Objects[new Lwm2mPath(3311, 0, 5851)]);

        Assert.Equal(CoapCode.Changed, _bench.Ask(CoapCode.Put, "/3311/0/5851", ContentFormats.Tlv, Hex("E116DB28")).Code);
        Assert.Equal("40", _bench.Ask(CoapCode.Get, "/3311/0/5851", accept: ContentFormats.Text).Text);
    }

    [Fact]
    public void Partial_write_keeps_and_replacement_drops_what_does_not_come()
    {
        _bench.Ask(CoapCode.Put, "/3311/0/5706", ContentFormats.Text, "red"u8.ToArray());
        Assert.Equal(CoapCode.Changed, _bench.Ask(CoapCode.Post, "/3311/0", ContentFormats.Tlv, Hex("E116DA01E116DB0A")).Code);
        Assert.Equal("red", _bench.Ask(CoapCode.Get, "/3311/0/5706", accept: ContentFormats.Text).Text);
        Assert.Equal("1", _bench.Ask(CoapCode.Get, "/3311/0/5850", accept: ContentFormats.Text).Text);

        Assert.Equal(CoapCode.Changed, _bench.Ask(CoapCode.Put, "/3311/0", ContentFormats.Tlv, Hex("E116DB14")).Code);
        Assert.Equal(CoapCode.NotFound, _bench.Ask(CoapCode.Get, "/3311/0/5706").Code);
        Assert.Equal("1", _bench.Ask(CoapCode.Get, "/3311/0/5850", accept: ContentFormats.Text).Text);
    }

    [Theory]
    [InlineData("/3305/0/5800", ContentFormats.Text, "31", CoapCode.MethodNotAllowed)]
    [InlineData("/3311/0/5851", ContentFormats.Text, "6162", CoapCode.BadRequest)]
    [InlineData("/3311/0/5851", ContentFormats.Text, "312E35", CoapCode.BadRequest)]
    [InlineData("/3311/0/5851", 60, "01", CoapCode.UnsupportedContentFormat)]
    [InlineData("/3311/0/5851", ContentFormats.Tlv, "FFFF", CoapCode.BadRequest)]
    [InlineData("/3311/7/5851", ContentFormats.Text, "31", CoapCode.NotFound)]
    [InlineData("/3311/0", ContentFormats.Tlv, "E116DB0AE1270F01", CoapCode.NotFound)]
    public void Write_that_is_wrong_changes_nothing(string path, ushort format, string payload, CoapCode code)
    {
        var before = _bench.Ask(CoapCode.Get, "/3311/0").Payload;
        Assert.Equal(code, _bench.Ask(CoapCode.Put, path, format, Hex(payload)).Code);
        Assert.Equal(before, _bench.Ask(CoapCode.Get, "/3311/0").Payload);
    }

    [Fact]
    public void Opaque_is_written_as_bytes()
    {
        var bench = DeviceBench.Registered(new DeviceSettings { Endpoint = "dev-1", Profile = DeviceProfile.Tracker });
        Assert.Equal(CoapCode.MethodNotAllowed, bench.Ask(CoapCode.Put, "/6/0/4", ContentFormats.Opaque, [1, 2]).Code);
        Assert.Equal(CoapCode.BadRequest, _bench.Ask(CoapCode.Put, "/3311/0/5851", ContentFormats.Opaque, [1, 2]).Code);
    }

    [Fact]
    public void Attributes_are_kept_and_shown_by_discover()
    {
        Assert.Equal(CoapCode.Changed, _bench.Ask(CoapCode.Put, "/3311/0/5851", query: "pmin=5&pmax=60&gt=1.5").Code);
        Assert.Equal(CoapCode.Changed, _bench.Ask(CoapCode.Put, "/3311/0/5851", query: "gt").Code);
        Assert.Equal(CoapCode.BadRequest, _bench.Ask(CoapCode.Put, "/3311/0/5851", query: "pmin=soon").Code);
        Assert.Equal(CoapCode.NotFound, _bench.Ask(CoapCode.Put, "/3311/9", query: "pmin=1").Code);

        var discovered = _bench.Ask(CoapCode.Get, "/3311", accept: ContentFormats.LinkFormat);
        Assert.Equal(ContentFormats.LinkFormat, discovered.ContentFormat);
        Assert.Equal("</3311>,</3311/0>,</3311/0/5850>,</3311/0/5851>;pmin=5;pmax=60,</3311/0/5852>", discovered.Text);
    }

    [Fact]
    public void Discover_lists_executable_resources_too()
    {
        Assert.Contains("</3/0/4>", _bench.Ask(CoapCode.Get, "/3/0", accept: ContentFormats.LinkFormat).Text);
        Assert.Equal(CoapCode.NotFound, _bench.Ask(CoapCode.Get, "/77", accept: ContentFormats.LinkFormat).Code);
    }

    [Fact]
    public void Create_and_delete_change_the_object_list()
    {
        var created = _bench.Ask(CoapCode.Post, "/3311", ContentFormats.Tlv, Hex("080704E116DA01"));
        Assert.Equal((CoapCode.Created, ""), (created.Code, created.LocationPath));
        var update = _bench.Received();
        Assert.Equal("</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</3305/0>,</3311/0>,</3311/7>", update.Text);
        _bench.Answer(update, CoapCode.Changed);
        Assert.Equal("1", _bench.Ask(CoapCode.Get, "/3311/7/5850", accept: ContentFormats.Text).Text);

        Assert.Equal(CoapCode.Deleted, _bench.Ask(CoapCode.Delete, "/3311/7").Code);
        Assert.DoesNotContain("/3311/7", _bench.Received().Text);
        Assert.Equal(CoapCode.NotFound, _bench.Ask(CoapCode.Delete, "/3311/7").Code);
        Assert.Equal(CoapCode.MethodNotAllowed, _bench.Ask(CoapCode.Delete, "/3/0").Code);
    }

    [Fact]
    public void Create_without_an_id_says_where_the_instance_is()
    {
        var created = _bench.Ask(CoapCode.Post, "/3311", ContentFormats.Tlv, Hex("E116DA01"));
        Assert.Equal((CoapCode.Created, "/3311/1"), (created.Code, created.LocationPath));
        _bench.Answer(_bench.Received(), CoapCode.Changed);
        Assert.Equal(CoapCode.BadRequest, _bench.Ask(CoapCode.Post, "/3311", ContentFormats.Tlv, Hex("080000")).Code);
        Assert.Equal(CoapCode.MethodNotAllowed, _bench.Ask(CoapCode.Post, "/3", ContentFormats.Tlv, Hex("080900")).Code);
    }

    [Fact]
    public void Execute_is_carried_out_once_however_often_the_request_comes()
    {
        var request = _bench.Request(CoapCode.Post, "/3305/0/5822", ContentFormats.Text, "0"u8.ToArray());
        _bench.Deliver(request);
        var answer = _bench.Received();
        _bench.Deliver(request);
        Assert.Equal(answer.Bytes, _bench.Received().Bytes);
        Assert.Equal(CoapCode.Changed, answer.Code);
        Assert.Single(_bench.Events, happening => happening.Operation == DeviceOperation.Execute);
    }

    [Fact]
    public void Same_message_id_with_other_bytes_is_another_request()
    {
        var first = _bench.Request(CoapCode.Get, "/3/0/0");
        _bench.Deliver(first);
        _bench.Received();
        var second = (byte[])first.Clone();
        second[^1] = (byte)'2';
        _bench.Deliver(second);
        Assert.Contains("dev-1", _bench.Received().Text);
    }

    [Fact]
    public void What_is_not_understood_is_refused_as_the_RFC_says()
    {
        // Ping.
        _bench.Deliver(Hex("40001111"));
        Assert.Equal("70001111", Convert.ToHexString(_bench.Received().Bytes));
        // Token length 9.
        _bench.Deliver(Hex("49011112"));
        Assert.Equal("70001112", Convert.ToHexString(_bench.Received().Bytes));
        // A response that nobody asked for.
        _bench.Deliver(Hex("4145111399"));
        Assert.Equal("70001113", Convert.ToHexString(_bench.Received().Bytes));
        // Unknown critical option 9 (OSCORE), unknown method 0.31.
        _bench.Deliver(Hex("4001111490"));
        Assert.Equal(CoapCode.BadOption, _bench.Received().Code);
        Assert.Equal(CoapCode.MethodNotAllowed, _bench.Ask((CoapCode)31, "/3/0").Code);
        // Other versions and stubs are silence.
        _bench.Deliver(Hex("80011115"));
        _bench.Deliver(Hex("4001"));
        Assert.True(_bench.IsSilent);
    }

    [Fact]
    public void Non_confirmable_request_is_answered_so()
    {
        var request = _bench.Request(CoapCode.Get, "/3/0/2", type: CoapType.NonConfirmable);
        _bench.Deliver(request);
        var answer = _bench.Received();
        Assert.Equal((CoapType.NonConfirmable, CoapCode.Content), (answer.Type, answer.Code));
        Assert.NotEqual(new Message(request).MessageId, answer.MessageId);
    }

    [Fact]
    public void Separate_response_follows_its_acknowledgement_and_is_repeated_until_acknowledged()
    {
        var bench = DeviceBench.Registered(new DeviceSettings { Endpoint = "dev-1", SeparateResponses = true });
        var request = bench.Request(CoapCode.Get, "/3/0/2", token: [9]);
        bench.Deliver(request);
        var acknowledgement = bench.Received();
        Assert.Equal((CoapType.Acknowledgement, CoapCode.Empty), (acknowledgement.Type, acknowledgement.Code));
        var response = bench.Received();
        Assert.Equal((CoapType.Confirmable, CoapCode.Content), (response.Type, response.Code));
        Assert.Equal([9], response.Token);

        bench.Deliver(request);
        Assert.Equal(acknowledgement.Bytes, bench.Received().Bytes);
        Assert.True(bench.IsSilent);
        Assert.Equal(response.Bytes, bench.AwaitMessage(4000).Bytes);
        bench.Acknowledge(response);
        bench.AdvanceTo(60_000);
        Assert.True(bench.IsSilent);
    }
}
