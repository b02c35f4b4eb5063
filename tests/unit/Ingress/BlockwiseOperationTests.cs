using Contracts;
using Contracts.Configuration;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Commands whose payload or answer does not fit into one datagram.</summary>
public sealed class BlockwiseOperationTests
{
    readonly GatewayUnderTest _gateway = new();
    readonly BlockwiseDevice _device = new();
    readonly LossyNetwork _network;

    public BlockwiseOperationTests() => _network = new LossyNetwork(_gateway, _device);

    static byte[] Content(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 7) + (i >> 8)))];

    UplinkEvent OutcomeOf(string id = "c1") => Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Outcome && e.Command.CommandId == id);

    bool HasOutcome() => _gateway.Log.Uplink.Any(e => e.Kind == EventKind.Outcome);

    void Configure(Func<BlockwiseOptions, BlockwiseOptions> change) =>
        _gateway.Configuration = _gateway.Configuration with { Lwm2m = _gateway.Configuration.Lwm2m with { Blockwise = change(new BlockwiseOptions()) } };

    DownlinkOperation Write(int length, OperationKind kind = OperationKind.WriteReplace, TimeSpan? within = null)
    {
        var write = _gateway.Operation(kind, "/5/0/0", payload: Content(length), within: within);
        write.ContentFormat = 42;
        return write;
    }

    /// <summary>The acceptance of firmware by bad radio: 300 KB, a fifth of all datagrams lost each way.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(19)]
    [InlineData(20)]
    public void Firmware_survives_a_lossy_network(int seed)
    {
        var gateway = new GatewayUnderTest(seed: seed);
        var device = new BlockwiseDevice { IsSeparate = seed % 4 == 0, BlockSize = seed % 5 == 0 ? 256 : 1024 };
        var network = new LossyNetwork(gateway, device, loss: 0.2, seed);
        gateway.Register(query: "&lt=86400&lwm2m=1.0");
        var firmware = new byte[300 * 1024];
        new Random(seed).NextBytes(firmware);
        var write = gateway.Operation(OperationKind.WriteReplace, "/5/0/0", payload: firmware);
        write.ContentFormat = 42;
        gateway.Operate(write);
        network.Until(() => gateway.Log.Uplink.Any(e => e.Kind == EventKind.Outcome), TimeSpan.FromHours(2));

        var outcome = Assert.Single(gateway.Log.Uplink, e => e.Kind == EventKind.Outcome);
        Assert.Equal((Outcome.Answered, 0x44u, ""), (outcome.Outcome, outcome.Code, outcome.Reason));
        Assert.Equal(firmware, device.Written["/5/0/0"]);
        Assert.Single(device.Tokens.Distinct());
        Assert.InRange(network.MostOpen, 0, 1);
        Assert.True(gateway.Log.Uplink.Count(e => e.Kind == EventKind.Acknowledged) <= 1);
    }

    [Fact]
    public void A_large_answer_survives_a_lossy_network()
    {
        var network = new LossyNetwork(_gateway, _device, loss: 0.2, seed: 3);
        _device.Content["/3/0"] = Content(100_000);
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0"));
        network.Until(HasOutcome, TimeSpan.FromHours(2));
        Assert.Equal(_device.Content["/3/0"], OutcomeOf().Payload.ToByteArray());
    }

    [Fact]
    public void A_write_in_blocks_bears_the_bytes_of_the_protocol()
    {
        _gateway.Register();
        _gateway.Operate(Write(2049));
        var first = _gateway.Next();
        CoapFrame.TryParse(first, out var frame);
        // Uri-Path 5, 0, 0; Content-Format 42; Block1 0/1/1024; Size1 2049.
        Assert.Equal("b1350130" + "0130" + "112a" + "d1020e" + "d2140801" + "ff", Convert.ToHexStringLower(first[12..28]));
        Assert.Equal((CoapCode.Put, 1024), (frame.Code, frame.Payload.Length));
        _gateway.Receive([0x68, 0x5F, first[2], first[3], .. first[4..12], 0xD1, 0x0E, 0x0E]);
        var second = _gateway.Next();
        Assert.Equal("b1350130" + "0130" + "112a" + "d1021e" + "ff", Convert.ToHexStringLower(second[12..24]));
        Assert.Equal(first[4..12], second[4..12]);
        Assert.NotEqual(first[2..4], second[2..4]);
        _gateway.Receive([0x68, 0x5F, second[2], second[3], .. second[4..12], 0xD1, 0x0E, 0x1E]);
        var third = _gateway.Next();
        Assert.Equal("b1350130" + "0130" + "112a" + "d10226" + "ff" + "08", Convert.ToHexStringLower(third[12..]));
    }

    [Fact]
    public void The_device_says_how_large_blocks_may_be()
    {
        _device.BlockSize = 64;
        _gateway.Register();
        _gateway.Operate(Write(1200));
        _network.Settle();
        Assert.Equal(["PUT /5/0/0 1:0/1/1024 size1=1200", "PUT /5/0/0 1:16/1/64", "PUT /5/0/0 1:17/1/64", "PUT /5/0/0 1:18/0/64"], _device.Heard);
        Assert.Equal(Content(1200), _device.Written["/5/0/0"]);
        Assert.Equal(0x44u, OutcomeOf().Code);
    }

    [Fact]
    public void Separate_responses_to_each_block_are_acknowledged_at_once_and_the_command_is_announced_once()
    {
        var device = new BlockwiseDevice { IsSeparate = true };
        var network = new LossyNetwork(_gateway, device);
        _gateway.Register();
        _gateway.Operate(Write(3000));
        network.Settle();
        Assert.Equal(Content(3000), device.Written["/5/0/0"]);
        Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Acknowledged);
        Assert.Equal((Outcome.Answered, 0x44u), (OutcomeOf().Outcome, OutcomeOf().Code));
    }

    [Fact]
    public void A_device_that_loses_the_blocks_gets_them_all_again()
    {
        var lost = 0;
        _device.Intervene = said => said.Contains("1:1/1", StringComparison.Ordinal) && lost++ < 3 ? CoapCode.RequestEntityIncomplete : null;
        _gateway.Register();
        _gateway.Operate(Write(3000));
        _network.Settle();
        Assert.Equal(4, _device.Heard.Count(h => h.Contains("size1", StringComparison.Ordinal)));
        Assert.Equal(Content(3000), _device.Written["/5/0/0"]);
        OutcomeOf();
    }

    [Fact]
    public void An_error_in_the_middle_is_the_outcome()
    {
        _device.Intervene = said => said.Contains("1:1/1", StringComparison.Ordinal) ? CoapCode.Unauthorized : null;
        _gateway.Register();
        _gateway.Operate(Write(3000));
        _network.Settle();
        Assert.Equal((Outcome.Answered, 0x81u, 2), (OutcomeOf().Outcome, OutcomeOf().Code, _device.Heard.Count));
    }

    [Fact]
    public void A_block_without_answer_is_sent_again_until_the_deadline()
    {
        _gateway.Register(query: "&lt=86400&lwm2m=1.0");
        _gateway.Operate(Write(3000, within: TimeSpan.FromMinutes(10)));
        var first = _gateway.Next();
        _device.Receive(first).ToList().ForEach(a => _gateway.Receive(a));
        _gateway.Advance(TimeSpan.FromMinutes(9));
        var sent = _gateway.Sent.Select(s => Convert.ToHexStringLower(s.Datagram)).ToList();
        Assert.InRange(sent.Distinct().Count(), 5, 9);
        Assert.All(sent, hex => Assert.Contains("d1021e", hex, StringComparison.Ordinal));
        Assert.False(HasOutcome());
        _gateway.Advance(TimeSpan.FromMinutes(3));
        _gateway.Log.Settle();
        Assert.Equal((Outcome.TimedOut, "the deadline passed after 1024 of 3000 bytes"), (OutcomeOf().Outcome, OutcomeOf().Reason));
        _gateway.Sent.Clear();
        _gateway.Advance(TimeSpan.FromMinutes(3));
        Assert.Empty(_gateway.Sent);
    }

    [Fact]
    public void What_must_not_be_done_twice_times_out_in_the_middle_as_it_does_without_blocks()
    {
        _gateway.Register(query: "&lt=86400&lwm2m=1.0");
        _gateway.Operate(Write(3000, OperationKind.Create));
        _gateway.Log.Settle();
        _device.Receive(_gateway.Next()).ToList().ForEach(a => _gateway.Receive(a));
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Log.Settle();
        Assert.Equal(Outcome.TimedOut, OutcomeOf().Outcome);
        Assert.Single(_gateway.Log.Sessions.Last().Started);
    }

    [Fact]
    public void A_create_in_blocks_is_marked_once_and_done()
    {
        _gateway.Register();
        _gateway.Operate(Write(3000, OperationKind.Create));
        _network.Settle();
        Assert.Equal(Content(3000), _device.Written["/5/0/0"]);
        Assert.Equal(3, _device.Heard.Count);
        Assert.Single(_gateway.Log.Sessions, s => s.Started.Count > 0);
        Assert.Equal(Outcome.Answered, OutcomeOf().Outcome);
    }

    [Fact]
    public void A_device_that_registers_in_the_middle_gets_the_body_from_its_beginning()
    {
        _gateway.Register();
        _gateway.Operate(Write(3000));
        _device.Receive(_gateway.Next()).ToList().ForEach(a => _gateway.Receive(a));
        _gateway.Sent.Clear();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300&lwm2m=1.0", "</3/0>"));
        _network.Settle();
        Assert.Equal(2, _device.Heard.Count(h => h.Contains("1:0/1", StringComparison.Ordinal)));
        Assert.Equal(Content(3000), _device.Written["/5/0/0"]);
    }

    [Fact]
    public void A_sleeping_device_gets_the_rest_when_it_wakes()
    {
        var id = _gateway.Register(query: "&lt=3000&b=UQ");
        _gateway.Operate(Write(3000));
        _device.Receive(_gateway.Next()).ToList().ForEach(a => _gateway.Receive(a));
        _gateway.Advance(TimeSpan.FromSeconds(200));
        _gateway.Sent.Clear();
        _gateway.Advance(TimeSpan.FromSeconds(200));
        Assert.Empty(_gateway.Sent);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _network.Settle();
        Assert.Equal(["PUT /5/0/0 1:0/1/1024 size1=3000", "PUT /5/0/0 1:1/1/1024", "PUT /5/0/0 1:2/0/1024"], _device.Heard);
        Assert.Equal(Content(3000), _device.Written["/5/0/0"]);
    }

    [Fact]
    public void A_device_that_cannot_take_so_much_at_once_gets_blocks()
    {
        _device.Intervene = said => !said.Contains("1:", StringComparison.Ordinal) ? CoapCode.RequestEntityTooLarge : null;
        _gateway.Register();
        _gateway.Operate(Write(200));
        // Without a hint the 4.13 is the outcome.
        _network.Settle();
        Assert.Equal(0x8Du, OutcomeOf().Code);

        _gateway.Operate(_gateway.Operation(OperationKind.WriteReplace, "/5/0/0", "c2", payload: Content(200)));
        var whole = _gateway.Next();
        _gateway.Receive([0x68, 0x8D, whole[2], whole[3], .. whole[4..12], 0xD1, 0x0E, 0x01]);
        _network.Settle();
        Assert.Contains("PUT /5/0/0 1:0/1/32 size1=200", _device.Heard);
        Assert.Equal(Content(200), _device.Written["/5/0/0"]);
    }

    [Theory]
    [InlineData(OperationKind.Read, "GET /3/0 ?a=1 accept=42")]
    [InlineData(OperationKind.Discover, "GET /3/0 ?a=1 accept=42")]
    public void A_large_answer_is_asked_for_block_by_block_and_told_once(OperationKind kind, string asked)
    {
        _device.Content["/3/0"] = Content(2500);
        _device.ETag = "abcd";
        _gateway.Register();
        var read = _gateway.Operation(kind, "/3/0");
        read.Accept = 42;
        read.Queries.Add("a=1");
        _gateway.Operate(read);
        _network.Settle();
        Assert.Equal([asked, asked + " 2:1/0/1024", asked + " 2:2/0/1024"], _device.Heard);
        Assert.Single(_device.Tokens.Distinct());
        var outcome = OutcomeOf();
        Assert.Equal((Outcome.Answered, 0x45u, 42u), (outcome.Outcome, outcome.Code, outcome.ContentFormat));
        Assert.Equal(Content(2500), outcome.Payload.ToByteArray());
    }

    [Fact]
    public void The_rest_of_an_observed_answer_is_read_under_another_token_and_without_observe()
    {
        _device.Content["/3/0"] = Content(1500);
        _device.Observe = 77;
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0"));
        _network.Settle();
        Assert.Equal(["GET /3/0 observe=0", "GET /3/0 2:1/0/1024"], _device.Heard);
        Assert.Equal(2, _device.Tokens.Distinct().Count());
        var outcome = OutcomeOf();
        Assert.Equal((0x45u, 77u, 1500), (outcome.Code, outcome.Observe, outcome.Payload.Length));
        var observation = Assert.Single(_gateway.Log.Sessions.Last().Observations);
        Assert.Equal(_device.Tokens[0], Convert.ToHexStringLower(observation.Token.Span));

        // A notification that comes meanwhile is one, and not the next block.
        _gateway.Operate(_gateway.Operation(OperationKind.CancelObservation, "/3/0", "c2"));
        _network.Settle();
        Assert.Equal("GET /3/0 observe=1", _device.Heard[2]);
        Assert.Equal("GET /3/0 2:1/0/1024", _device.Heard[3]);
        Assert.Empty(_gateway.Log.Sessions.Last().Observations);
    }

    [Fact]
    public void An_answer_that_changes_while_it_is_read_is_read_anew()
    {
        _device.Content["/3/0"] = Content(3000);
        _device.ETag = "01";
        _device.Intervene = said =>
        {
            if (said.EndsWith("2:2/0/1024", StringComparison.Ordinal) && _device.ETag == "01")
                (_device.ETag, _device.Content["/3/0"]) = ("02", Content(2800)[100..]);
            return null;
        };
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0"));
        _network.Settle();
        Assert.Equal(Content(2800)[100..], OutcomeOf().Payload.ToByteArray());
        Assert.Equal(6, _device.Heard.Count);
    }

    [Fact]
    public void An_answer_beyond_the_limit_is_told_as_4_13()
    {
        Configure(o => o with { MaxBodySize = 2000 });
        _device.Content["/3/0"] = Content(3000);
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0"));
        _network.Settle();
        var outcome = OutcomeOf();
        Assert.Equal((Outcome.Answered, 0x8Du, "the answer is longer than 2000 bytes"), (outcome.Outcome, outcome.Code, outcome.Reason));
        Assert.True(outcome.Payload.IsEmpty);
    }

    [Fact]
    public void Smaller_blocks_are_asked_for_where_they_are_configured()
    {
        Configure(o => o with { MaxBlockSize = 256 });
        _device.Content["/3/0"] = Content(600);
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0"));
        _network.Settle();
        Assert.Equal(["GET /3/0 2:0/0/256", "GET /3/0 2:1/0/256", "GET /3/0 2:2/0/256"], _device.Heard);
        Assert.Equal(Content(600), OutcomeOf().Payload.ToByteArray());
        _gateway.Operate(_gateway.Operation(OperationKind.WriteReplace, "/3/0", "c2", payload: Content(100)));
        _network.Settle();
        Assert.Equal("PUT /3/0", _device.Heard[^1]);
    }

    [Fact]
    public void Switched_off_what_fits_a_datagram_goes_whole_and_an_answer_in_blocks_is_told_as_4_08()
    {
        Configure(o => o with { Enable = false });
        _device.Content["/3/0"] = Content(2000);
        _gateway.Register();
        _gateway.Operate(Write(3000));
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0", "c2"));
        _network.Settle();
        Assert.Equal(["PUT /5/0/0", "GET /3/0"], _device.Heard);
        Assert.Equal((0x88u, true), (OutcomeOf("c2").Code, OutcomeOf("c2").Reason.Length > 0));
    }

    [Fact]
    public void One_outstanding_request_stays_true_between_blocks_and_commands()
    {
        _device.Content["/3/0"] = Content(5000);
        _gateway.Register();
        for (var i = 0; i < 5; i++)
            _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0", "r" + i));
        _gateway.Operate(Write(5000));
        _network.Settle();
        Assert.InRange(_network.MostOpen, 0, 1);
        Assert.Equal(6, _gateway.Log.Uplink.Count(e => e.Kind == EventKind.Outcome));
    }

    [Fact]
    public void What_is_larger_than_a_record_of_Kafka_is_told_as_4_13()
    {
        _gateway.Register();
        _gateway.Log.LargestRecord = 300;
        _device.Content["/3/0"] = Content(400);
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0"));
        _network.Settle();
        Assert.Equal((0x8Du, "400 bytes are more than a record of Kafka holds"), (OutcomeOf().Code, OutcomeOf().Reason));
    }
}
