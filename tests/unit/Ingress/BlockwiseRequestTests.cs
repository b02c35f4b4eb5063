using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Registers and Updates that come in blocks, and answers that go in blocks.</summary>
public sealed class BlockwiseRequestTests
{
    readonly GatewayUnderTest _gateway = new();
    ushort _messageId = 0x4001;

    static string Objects(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"</3303/{i}>"));

    void Configure(Func<BlockwiseOptions, BlockwiseOptions> change) =>
        _gateway.Configuration = _gateway.Configuration with { Lwm2m = _gateway.Configuration.Lwm2m with { Blockwise = change(new BlockwiseOptions()) } };

    byte[] Block(string text, int number, int size, string path = "rd", string query = "ep=ep1&lt=300&lwm2m=1.0", uint? size1 = null, string? block2 = null)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var buffer = new byte[2048];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, _messageId++, [0xAA]);
        writer.AddUriPath(path);
        writer.AddOption(CoapOptionNumber.ContentFormat, 40u);
        writer.AddUriQuery(query);
        if (block2 is not null)
            writer.AddOption(CoapOptionNumber.Block2, Coap.Blockwise.BlockText.Parse(block2).Value);
        if (number >= 0)
            writer.AddOption(CoapOptionNumber.Block1, new BlockOption((uint)number, (number + 1) * size < payload.Length, BlockOption.ExponentOf(size)).Value);
        if (size1 is { } announced)
            writer.AddOption(CoapOptionNumber.Size1, announced);
        writer.AddPayload(number >= 0 ? payload[(number * size)..Math.Min(payload.Length, (number + 1) * size)] : payload);
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }

    string Answer(byte[] request)
    {
        _gateway.Receive(request);
        _gateway.Log.Settle();
        return Said(_gateway.Next());
    }

    static string Said(byte[] answer)
    {
        Assert.Equal(CoapParseError.None, CoapFrame.TryParse(answer, out var frame));
        var said = frame.Code.Dotted;
        if (frame.Block2 is { } given)
            said += " " + Coap.Blockwise.BlockText.Of(2, given);
        if (frame.Block1 is { } taken)
            said += " " + Coap.Blockwise.BlockText.Of(1, taken);
        if (frame.TryGetUInt(CoapOptionNumber.Size1, out var size))
            said += " size1=" + size;
        return said;
    }

    [Fact]
    public void A_register_in_blocks_bears_the_bytes_of_the_protocol()
    {
        // POST /rd?ep=ep1, Content-Format 40, Block1 0/1/16, then 1/0/16.
        _gateway.Receive(Convert.FromHexString("41024001aa" + "b27264" + "1128" + "36" + "65703d657031" + "c108" + "ff" + "3c2f312f303e2c3c2f332f303e2c3c2f"));
        Assert.Equal("615f4001aa" + "d10e08", _gateway.NextHex());
        _gateway.Receive(Convert.FromHexString("41024002aa" + "b27264" + "1128" + "36" + "65703d657031" + "c110" + "ff" + "352f303e"));
        _gateway.Log.Settle();
        var answer = _gateway.NextHex();
        Assert.StartsWith("61414002aa" + "827264" + "0b", answer, StringComparison.Ordinal);
        Assert.EndsWith("d10610", answer, StringComparison.Ordinal);
        Assert.Equal(["/1/0", "/3/0", "/5/0"], Assert.Single(_gateway.Log.Uplink).Registration.ObjectList);
    }

    [Fact]
    public void A_large_object_list_comes_in_blocks_and_each_may_be_repeated()
    {
        var objects = Objects(300);
        var count = (Encoding.UTF8.GetByteCount(objects) + 255) / 256;
        for (var i = 0; i < count; i++)
        {
            var block = Block(objects, i, 256);
            var isLast = i == count - 1;
            var answer = Answer(block);
            Assert.Equal(isLast ? $"2.01 1:{i}/0/256" : $"2.31 1:{i}/1/256", answer);
            Assert.Equal(answer, Answer(block));
        }

        Assert.Equal(300, Assert.Single(_gateway.Log.Uplink).Registration.ObjectList.Count);
        var id = global::Ingress.Registrations.Identifiers.ToText(_gateway.Node.Sessions.ByEndpoint("ep1")!.RegistrationId);
        Assert.Equal("2.31 1:0/1/1024", Answer(Block(Objects(100), 0, 1024, "rd/" + id, "")));
        Assert.Equal("2.04 1:1/0/1024", Answer(Block(Objects(100), 1, 1024, "rd/" + id, "")));
        Assert.Equal(100, _gateway.Log.Uplink.Last().Registration.ObjectList.Count);
    }

    [Fact]
    public void Smaller_blocks_are_negotiated_with_the_first()
    {
        Configure(o => o with { MaxBlockSize = 64 });
        var objects = Objects(20);
        Assert.Equal("2.31 1:0/1/64", Answer(Block(objects, 0, 128)));
        var rest = (objects.Length + 63) / 64;
        for (var i = 2; i < rest; i++)
            Assert.Equal(i == rest - 1 ? $"2.01 1:{i}/0/64" : $"2.31 1:{i}/1/64", Answer(Block(objects, i, 64)));
        Assert.Equal(20, Assert.Single(_gateway.Log.Uplink).Registration.ObjectList.Count);
    }

    [Fact]
    public void What_is_out_of_order_or_unknown_is_incomplete_and_nothing_happens()
    {
        Assert.Equal("4.08 1:1/0/128", Answer(Block(Objects(20), 1, 128)));
        Assert.Equal("2.31 1:0/1/64", Answer(Block(Objects(20), 0, 64)));
        Assert.Equal("4.08 1:2/0/64", Answer(Block(Objects(20), 2, 64)));
        Assert.Equal("4.08 1:1/0/64", Answer(Block(Objects(20), 1, 64)));
        Assert.Empty(_gateway.Log.Uplink);
        Assert.Equal("2.31 1:0/1/64", Answer(Block(Objects(20), 0, 64)));
    }

    [Fact]
    public void Bodies_beyond_the_limit_are_refused_and_told_how_long_they_may_be()
    {
        Configure(o => o with { MaxBodySize = 2000 });
        Assert.Equal("4.13 1:0/0/1024 size1=2000", Answer(Block(Objects(500), 0, 1024, size1: 2001)));
        Assert.Equal("2.31 1:0/1/1024", Answer(Block(Objects(500), 0, 1024)));
        Assert.Equal("4.13 1:1/0/1024 size1=2000", Answer(Block(Objects(500), 1, 1024)));
    }

    [Fact]
    public void An_object_list_has_a_limit_of_its_own()
    {
        Assert.Equal("4.13 1:0/0/1024 size1=524288", Answer(Block(Objects(500), 0, 1024, size1: 524_289)));
        // As long and as wide in JSON as it gets: all records that tell of it can be written.
        var longest = string.Join(',', Enumerable.Range(0, 4096).Select(i => $"</3303/{i}/\u00e9{new string('\u00e9', 54)}>"));
        _gateway.Log.LargestRecord = 6 * 1024 * 1024 - 1024;
        for (var turn = 0; turn < 2; turn++)
        {
            var answer = "";
            for (var i = 0; !answer.StartsWith("2.01", StringComparison.Ordinal); i++)
                Assert.StartsWith("2.", answer = Answer(Block(longest, i, 1024)), StringComparison.Ordinal);
        }

        Assert.InRange(Encoding.UTF8.GetByteCount(longest), 500_000, 524_288);
        Assert.Equal([EventKind.Registered, EventKind.Replaced, EventKind.Registered], _gateway.Log.Uplink.Select(e => e.Kind));
    }

    [Fact]
    public void A_block_that_is_not_as_long_as_it_says_is_refused()
    {
        var block = Block(Objects(50), 0, 64);
        Assert.Equal("4.00 1:0/0/64", Answer(block[..^1]));
        // The reserved size.
        Assert.Equal("4.00", Answer(Convert.FromHexString("41024001aa" + "b27264" + "d1030f")));
    }

    [Fact]
    public void An_unfinished_body_is_forgotten_after_its_lifetime()
    {
        Configure(o => o with { ExchangeLifetime = TimeSpan.FromSeconds(10) });
        Answer(Block(Objects(20), 0, 64));
        _gateway.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("4.08 1:1/0/64", Answer(Block(Objects(20), 1, 64)));
    }

    [Fact]
    public void Only_so_many_bodies_are_put_together_at_a_time()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _gateway.Receive(Block(Objects(20), 0, 16, query: "ep=" + i));
            Assert.Equal("2.31 1:0/1/16", Said(_gateway.Next()));
        }

        Assert.Equal("5.03 1:0/0/16", Answer(Block(Objects(20), 0, 16)));
        _gateway.Advance(TimeSpan.FromSeconds(250));
        Assert.Equal("2.31 1:0/1/16", Answer(Block(Objects(20), 0, 16)));
    }

    [Fact]
    public void After_a_crash_the_last_block_is_answered_again_if_its_work_was_done()
    {
        var objects = Objects(20);
        Answer(Block(objects, 0, 128));
        var last = Block(objects, 1, 128);
        var answer = Answer(last);
        var restarted = new GatewayUnderTest(_gateway.Log, _gateway.Time, epoch: 2, seed: 8);
        restarted.Receive(last);
        restarted.Log.Settle();
        Assert.Equal(answer, Said(restarted.Next()));
        Assert.Equal(2, restarted.Log.Uplink.Count());
        Assert.Single(restarted.Log.Uplink.Select(e => (e.IdHigh, e.IdLow)).Distinct());
        Assert.All(restarted.Log.Uplink, e => Assert.Equal(20, e.Registration.ObjectList.Count));
    }

    [Fact]
    public void After_a_crash_in_the_middle_the_device_begins_anew()
    {
        Answer(Block(Objects(20), 0, 64));
        var restarted = new GatewayUnderTest(_gateway.Log, _gateway.Time, epoch: 2, seed: 8);
        restarted.Receive(Block(Objects(20), 1, 64));
        Assert.Equal("4.08 1:1/0/64", Said(restarted.Next()));
        restarted.Receive(Block(Objects(20), 3, 64));
        Assert.Equal("4.08 1:3/0/64", Said(restarted.Next()));
    }

    [Fact]
    public void A_body_that_Kafka_did_not_take_is_sent_away()
    {
        Answer(Block(Objects(20), 0, 128));
        _gateway.Log.Status = AppendStatus.QueueFull;
        Assert.Equal("5.03 1:1/0/128", Answer(Block(Objects(20), 1, 128)));
    }

    [Fact]
    public void A_body_that_has_to_wait_is_not_put_together_twice()
    {
        _gateway.Register();
        var id = global::Ingress.Registrations.Identifiers.ToText(_gateway.Node.Sessions.ByEndpoint("ep1")!.RegistrationId);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Receive(Block(Objects(20), 0, 128, "rd/" + id, ""));
        Assert.Equal("2.31 1:0/1/128", Said(_gateway.Next()));
        _gateway.Receive(Block(Objects(20), 1, 128, "rd/" + id, ""));
        _gateway.Log.Settle();
        Assert.Equal("2.04", Said(_gateway.Next()));
        Assert.Equal("2.04 1:1/0/128", Said(_gateway.Next()));
        Assert.Equal(20, _gateway.Log.Uplink.Last().Registration.ObjectList.Count);
    }

    [Fact]
    public void A_long_sentence_goes_block_by_block()
    {
        Configure(o => o with { MaxBlockSize = 16 });
        var text = "";
        var request = Block("", -1, 0, "rd/x", "");
        _gateway.Receive(request);
        CoapFrame.TryParse(_gateway.Next(), out var first);
        Assert.Equal((CoapCode.NotFound, "2:0/1/16"), (first.Code, Coap.Blockwise.BlockText.Of(2, first.Block2!.Value)));
        Assert.True(first.TryGetUInt(CoapOptionNumber.Size2, out var length));
        text += Encoding.UTF8.GetString(first.Payload);
        for (var i = 1; text.Length < length; i++)
        {
            _gateway.Receive(Block("", -1, 0, "rd/x", "", block2: $"2:{i}/0/16"));
            CoapFrame.TryParse(_gateway.Next(), out var next);
            Assert.Equal(CoapCode.NotFound, next.Code);
            text += Encoding.UTF8.GetString(next.Payload);
        }

        Assert.Equal("no such registration", text);
        Assert.Equal("4.02", Answer(Block("", -1, 0, "rd/x", "", block2: "2:2/0/16")));
        Assert.Equal("4.08", Answer(Block("", -1, 0, "rd/y", "", block2: "2:1/0/16")));
        Assert.Empty(_gateway.Log.Entries);
    }

    [Fact]
    public void The_device_says_in_which_blocks_it_wants_its_answer()
    {
        Assert.Equal("4.04 2:0/1/16", Answer(Block("", -1, 0, "rd/x", "", block2: "2:0/0/16")));
        Assert.Equal("4.04", Answer(Block("", -1, 0, "rd/x", "", block2: "2:0/0/64")));
    }

    [Fact]
    public void Switched_off_only_what_is_whole_is_understood()
    {
        Configure(o => o with { Enable = false });
        Assert.Equal("4.02", Answer(Block(Objects(20), 0, 64)));
        Assert.Equal("4.02", Answer(Block(Objects(20), 3, 64)));
        Assert.Equal("2.01", Answer(Block(Objects(2), 0, 64)));
    }
}
