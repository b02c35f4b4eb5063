using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Send (LwM2M Core 1.1 section 6.4.6): what a device tells without having been asked.</summary>
public sealed class SendTests
{
    const ushort SenmlJson = 110;
    const ushort SenmlCbor = 112;
    const ushort Lwm2mCbor = 11544;
    const string Temperature = """[{"n":"/3303/0/5700","v":21.5}]""";

    readonly GatewayUnderTest _gateway = new();
    ushort _messageId = 0x5001;

    byte[] Send(ushort? format, byte[] payload, CoapType type = CoapType.Confirmable, BlockOption? block = null)
    {
        var buffer = new byte[2048];
        var writer = new CoapWriter(buffer, type, CoapCode.Post, _messageId++, [0xAA]);
        writer.AddUriPath("dp");
        if (format is { } number)
            writer.AddOption(CoapOptionNumber.ContentFormat, number);
        if (block is { } part)
            writer.AddOption(CoapOptionNumber.Block1, part.Value);
        writer.AddPayload(payload);
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }

    byte[] Send(string json, CoapType type = CoapType.Confirmable) => Send(SenmlJson, Encoding.UTF8.GetBytes(json), type);

    void Register(string query = "&lt=300&lwm2m=1.1", string objects = "</1/0>,</3/0>,</3303/0>") => _gateway.Register(query: query, objects: objects);

    IEnumerable<UplinkEvent> Sent => _gateway.Log.Uplink.Where(e => e.Kind == EventKind.Sent);

    string Answer(byte[] request)
    {
        _gateway.Receive(request);
        _gateway.Log.Settle();
        return GatewayUnderTest.CodeOf(_gateway.Next());
    }

    static string SentenceOf(byte[] answer)
    {
        CoapFrame.TryParse(answer, out var frame);
        return Encoding.UTF8.GetString(frame.Payload);
    }

    [Fact]
    public void Send_has_the_bytes_of_the_protocol()
    {
        Register();
        // POST /dp, Content-Format 110: [{"n":"/3/0/9","v":95}]; then 112, the same in CBOR; then 11544.
        _gateway.Receive(Convert.FromHexString("41025001aa" + "b26470" + "116e" + "ff" + "5b7b226e223a222f332f302f39222c2276223a39357d5d"));
        _gateway.Log.Settle();
        Assert.Equal("61445001aa", _gateway.NextHex());
        _gateway.Receive(Convert.FromHexString("41025002aa" + "b26470" + "1170" + "ff" + "81a200662f332f302f3902185f"));
        _gateway.Log.Settle();
        Assert.Equal("61445002aa", _gateway.NextHex());
        _gateway.Receive(Convert.FromHexString("41025003aa" + "b26470" + "122d18" + "ff" + "a103a100a109185f"));
        _gateway.Log.Settle();
        Assert.Equal("61445003aa", _gateway.NextHex());

        Assert.Equal([SenmlJson, SenmlCbor, Lwm2mCbor], Sent.Select(e => e.ContentFormat));
        Assert.Equal([3ul, 4ul, 5ul], Sent.Select(e => e.Sequence + 1));
        var first = Sent.First();
        Assert.Equal("""[{"n":"/3/0/9","v":95}]""", first.Payload.ToStringUtf8());
        Assert.Equal(("ep1", "192.0.2.1:5001", 0u, "", "1.1"), (first.Endpoint, first.Peer, first.Code, first.Reason, first.Lwm2MVersion));
    }

    [Fact]
    public void Send_is_answered_when_Kafka_has_it_and_again_when_it_is_repeated()
    {
        Register();
        var send = Send(Temperature);
        _gateway.Receive(send);
        _gateway.Receive(send);
        Assert.Empty(_gateway.Sent);
        Assert.Equal(1, _gateway.Log.Handed);
        _gateway.Log.Settle();
        var answer = _gateway.NextHex();
        Assert.StartsWith("6144", answer, StringComparison.Ordinal);
        Assert.Empty(_gateway.Sent);
        _gateway.Receive(send);
        Assert.Equal(answer, _gateway.NextHex());
        Assert.Single(Sent);
    }

    [Fact]
    public void NON_is_delivered_once_and_answered_in_kind()
    {
        Register();
        var send = Send(Temperature, CoapType.NonConfirmable);
        _gateway.Receive(send);
        _gateway.Receive(send);
        _gateway.Log.Settle();
        CoapFrame.TryParse(_gateway.Next(), out var frame);
        Assert.Equal((CoapType.NonConfirmable, CoapCode.Changed, 1), (frame.Type, frame.Code, frame.Token.Length));
        Assert.Empty(_gateway.Sent);
        Assert.Single(Sent);
    }

    [Theory]
    [InlineData(SenmlJson, "", "4.00")]
    [InlineData(SenmlJson, "[]", "4.00")]
    [InlineData(SenmlJson, "[{}]", "4.00")]
    [InlineData(SenmlJson, "{}", "4.00")]
    [InlineData(SenmlJson, "[1]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0/9\",\"v\":95}", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0/9\",\"v\":95}] ]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0/9\"}]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0\",\"v\":95}]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"urn:dev:1\",\"v\":95}]", "4.00")]
    [InlineData(SenmlJson, "[{\"bn\":\"/3/0/\",\"n\":\"9\",\"v\":95},{\"n\":\"70000\",\"v\":1}]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0/9\",\"v\":95},{\"n\":\"/3/0/9\",\"v\":96}]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0/9\",\"v\":NaN}]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0/9\",\"v\":1e999}]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0/9\",\"v\":\"95\"}]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0/0\",\"vs\":\"\\ud800\"}]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0/9\",\"v\":95,\"must_\":1}]", "4.00")]
    [InlineData(SenmlJson, "[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]", "4.00")]
    [InlineData(SenmlJson, "[{\"n\":\"/9/0/1\",\"v\":95}]", "4.04")]
    [InlineData(SenmlJson, "[{\"n\":\"/3/0/9\",\"v\":95},{\"n\":\"/9/0/1\",\"v\":95}]", "4.04")]
    [InlineData(50, "[{\"n\":\"/3/0/9\",\"v\":95}]", "4.15")]
    [InlineData(320, "[{\"n\":\"/3/0/9\",\"v\":95}]", "4.15")]
    [InlineData(0, "95", "4.15")]
    [InlineData(11542, "95", "4.15")]
    [InlineData(-1, "[{\"n\":\"/3/0/9\",\"v\":95}]", "4.00")]
    public void What_cannot_be_taken_is_refused_and_both_sides_are_told_why(int format, string payload, string code) =>
        Refused(format < 0 ? null : (ushort)format, Encoding.UTF8.GetBytes(payload), code);

    [Theory]
    // Not an array; a length that lies; an array without its end; a float that is no number; text that is not UTF-8; nested too deep.
    [InlineData(SenmlCbor, "a0")]
    [InlineData(SenmlCbor, "9a7fffffffa200662f332f302f3902185f")]
    [InlineData(SenmlCbor, "9fa200662f332f302f3902185f")]
    [InlineData(SenmlCbor, "81a200662f332f302f39027fff")]
    [InlineData(SenmlCbor, "81a200662f332f302f3902f97e00")]
    [InlineData(SenmlCbor, "81a200662f332f302f300362c328")]
    [InlineData(SenmlCbor, "81a200662f332f302f39028181818181818181818181818181818181818101")]
    [InlineData(SenmlCbor, "81a200662f332f302f3902")]
    [InlineData(Lwm2mCbor, "a103a100a109")]
    [InlineData(Lwm2mCbor, "a0")]
    [InlineData(Lwm2mCbor, "a103a10005")]
    [InlineData(Lwm2mCbor, "a103a100a109f6")]
    [InlineData(Lwm2mCbor, "bb7fffffffffffffff03")]
    public void Binary_that_cannot_be_taken_is_refused(ushort format, string payload) => Refused(format, Convert.FromHexString(payload), "4.00");

    void Refused(ushort? format, byte[] payload, string code)
    {
        Register();
        _gateway.Receive(Send(format, payload));
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        var answer = _gateway.Next();
        Assert.Equal(code, GatewayUnderTest.CodeOf(answer));
        var told = Assert.Single(Sent);
        Assert.Equal((code, SentenceOf(answer)), (((CoapCode)told.Code).Dotted, told.Reason));
        Assert.NotEmpty(told.Reason);
        Assert.Equal(payload, told.Payload.ToByteArray());
        // Nothing else is disturbed.
        Assert.Equal("2.04", Answer(Send(Temperature)));
    }

    [Fact]
    public void A_value_that_only_a_definition_could_doubt_is_taken()
    {
        Register();
        Assert.Equal("2.04", Answer(Send("""[{"n":"/3/0/9","vs":"much"},{"n":"/3/0/999","v":1}]""")));
    }

    [Fact]
    public void Names_may_bear_the_alternate_path()
    {
        Register(objects: "</lwm2m>;rt=\"oma.lwm2m\",</lwm2m/3/0>");
        Assert.Equal("2.04", Answer(Send("""[{"n":"/lwm2m/3/0/9","v":1}]""")));
        Assert.Equal("2.04", Answer(Send("""[{"n":"/3/0/9","v":1}]""")));
        Assert.Equal("4.00", Answer(Send("""[{"n":"/other/3/0/9","v":1}]""")));
    }

    [Theory]
    [InlineData("&lt=300")]
    [InlineData("&lt=300&lwm2m=1.0")]
    public void Registration_of_LwM2M_1_0_has_no_Send(string query)
    {
        Register(query);
        Assert.Equal("4.04", Answer(Send(Temperature)));
        Assert.Equal("4.04", ((CoapCode)Assert.Single(Sent).Code).Dotted);
    }

    [Fact]
    public void Object_that_an_Update_brings_can_be_sent_from_then_on()
    {
        var id = _gateway.Register(query: "&lt=300&lwm2m=1.2", objects: "</3/0>");
        Assert.Equal("4.04", Answer(Send(Temperature)));
        Assert.Equal("2.04", Answer(_gateway.Request(CoapCode.Post, "rd/" + id, "", "</3/0>,</3303/0>")));
        Assert.Equal("2.04", Answer(Send(Temperature)));
    }

    [Fact]
    public void Stranger_is_told_404_only_at_the_end_of_the_log_and_nobody_hears_of_it()
    {
        _gateway.Receive(Send(Temperature));
        Assert.Empty(_gateway.Sent);
        _gateway.Log.AnswerQuestions(isReached: true);
        Assert.Equal("4.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        // Not read to the end in time: silence, and the repetition asks again.
        var send = Send(Temperature);
        _gateway.Receive(send);
        _gateway.Log.AnswerQuestions(isReached: false);
        Assert.Empty(_gateway.Sent);
        _gateway.Receive(send);
        _gateway.Log.Settle();
        Assert.Equal("4.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Empty(_gateway.Log.Entries);
    }

    [Fact]
    public void Send_after_the_registration_has_ended_is_404()
    {
        var id = _gateway.Register(query: "&lt=300&lwm2m=1.1", objects: "</3303/0>");
        Assert.Equal("2.02", Answer(_gateway.Request(CoapCode.Delete, "rd/" + id)));
        Assert.Equal("4.04", Answer(Send(Temperature)));
    }

    [Theory]
    [InlineData(CoapCode.Get)]
    [InlineData(CoapCode.Put)]
    [InlineData(CoapCode.Delete)]
    public void Only_POST_is_understood(CoapCode method)
    {
        Register();
        Assert.Equal("4.05", Answer(_gateway.Request(method, "dp")));
        Assert.Equal("4.04", Answer(_gateway.Request(CoapCode.Post, "dp/1")));
    }

    [Fact]
    public void With_Kafka_away_the_device_is_told_when_to_come_again()
    {
        Register();
        _gateway.Log.Status = AppendStatus.BrokersAway;
        _gateway.Receive(Send(Temperature));
        CoapFrame.TryParse(_gateway.Next(), out var frame);
        Assert.Equal("5.03", frame.Code.Dotted);
        Assert.True(frame.TryGetUInt(CoapOptionNumber.MaxAge, out var seconds) && seconds > 0);
        _gateway.Log.Status = AppendStatus.Handed;
        Assert.Equal("2.04", Answer(Send(Temperature)));
        Assert.Single(Sent);
    }

    [Fact]
    public void What_Kafka_may_have_gets_silence_and_the_repetition_has_the_same_id()
    {
        Register();
        var send = Send(Temperature);
        _gateway.Receive(send);
        var lost = UplinkEvent.Parser.ParseFrom(_gateway.Log.TakeOne(acknowledged: false).Value);
        Assert.Empty(_gateway.Sent);
        Assert.Equal("2.04", Answer(send));
        var told = Assert.Single(Sent);
        Assert.Equal((lost.IdHigh, lost.IdLow), (told.IdHigh, told.IdLow));
    }

    [Fact]
    public void What_no_record_holds_is_too_large()
    {
        Register();
        _gateway.Log.LargestRecord = 50;
        Assert.Equal("4.13", Answer(Send(Temperature)));
        Assert.Empty(Sent);
    }

    [Fact]
    public void Process_that_died_before_it_answered_leaves_one_id()
    {
        Register();
        var send = Send(Temperature);
        _gateway.Receive(send);
        _gateway.Log.TakeOne();
        var next = _gateway.Successor();
        next.Receive(send);
        next.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(next.Next()));
        Assert.Single(Sent.Select(e => (e.IdHigh, e.IdLow)).Distinct());
    }

    [Fact]
    public void Replica_that_hears_a_Send_adopts_the_session()
    {
        Register();
        var other = _gateway.Successor(slot: 1);
        other.Receive(Send(Temperature));
        // Whose the address is now, only the end of the log says.
        Assert.Equal(0, other.Log.Handed);
        other.Log.AnswerQuestions(isReached: true);
        Assert.Equal("t.uplink", other.Log.TakeOne().Topic);
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(other.Next()));
        other.Log.Settle();
        var registration = other.Log.Registrations.Last();
        Assert.Equal((1, "live"), (registration.Slot, registration.State));
        Assert.Equal(1, other.Node.Sessions.ByEndpoint("ep1")!.Slot);
    }

    [Fact]
    public void Send_wakes_a_device_in_queue_mode_and_refreshes_its_lifetime()
    {
        Register("&lt=60&lwm2m=1.1&Q");
        _gateway.Advance(TimeSpan.FromSeconds(50));
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0"));
        Assert.Empty(_gateway.Sent);
        _gateway.Receive(Send(Temperature));
        Assert.Equal("/3/0", _gateway.NextRequest().Path);
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        _gateway.Advance(TimeSpan.FromSeconds(20));
        _gateway.Log.Settle();
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Kind == EventKind.Expired);
    }

    [Fact]
    public void Large_Send_comes_in_blocks_and_is_one_event()
    {
        Register();
        var json = Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"n":"/3303/{{i}}/5700","v":{{i}}}""")) + "]");
        var last = (json.Length - 1) / 256;
        for (var i = 0; i <= last; i++)
        {
            var block = Send(SenmlJson, json[(i * 256)..Math.Min(json.Length, (i + 1) * 256)], block: new BlockOption((uint)i, i < last, 4));
            Assert.Equal(i < last ? "2.31" : "2.04", Answer(block));
            Assert.Equal(i < last ? "2.31" : "2.04", Answer(block));
        }

        Assert.Equal(json, Assert.Single(Sent).Payload.ToByteArray());
    }

    [Fact]
    public void Stranger_is_turned_away_with_the_first_block()
    {
        _gateway.Receive(Send(SenmlJson, new byte[64], block: new BlockOption(0, true, 2)));
        _gateway.Log.Settle();
        Assert.Equal("4.04", GatewayUnderTest.CodeOf(_gateway.Next()));
    }

    [Fact]
    public void Body_beyond_the_limit_is_refused_before_it_is_read()
    {
        _gateway.Configuration = _gateway.Configuration with
        {
            Lwm2m = _gateway.Configuration.Lwm2m with { Blockwise = new BlockwiseOptions { MaxBodySize = 128 } },
        };
        Register();
        Assert.Equal("2.31", Answer(Send(SenmlJson, new byte[64], block: new BlockOption(0, true, 2))));
        // More follows, so that it will not fit.
        Assert.Equal("4.13", Answer(Send(SenmlJson, new byte[64], block: new BlockOption(1, true, 2))));
        Assert.Empty(Sent);
    }
}
