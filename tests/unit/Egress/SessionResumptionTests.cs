using Contracts.Configuration;

namespace Pipeline.Tests.Egress;

/// <summary>What goes over the wire when a connection to the broker is lost and made again, packet by packet.</summary>
public sealed class SessionResumptionTests : IAsyncDisposable
{
    private const int Publish = 3, PubAck = 4, PubRec = 5, PubRel = 6, PubComp = 7, Disconnect = 14;

    private readonly BareBroker _broker = new();
    private EgressRig? _rig;

    public async ValueTask DisposeAsync()
    {
        // Egress waits at its stop for what is under way.
        var answering = _broker.AnswerAllAsync("-egress-");
        if (_rig is not null)
        {
            await _rig.DisposeAsync();
        }

        await _broker.DisposeAsync();
        await answering;
    }

    [Fact]
    public async Task Session_goes_on_and_what_was_under_way_is_repeated_in_its_order_marked_as_such()
    {
        await StartAsync(qos: 1, events: 3);
        var first = await _broker.AcceptAsync("-egress-");
        Assert.True(first.CleanStart);
        await _broker.WelcomeAsync(sessionPresent: false);
        var sent = await ReadAsync(3);
        Assert.All(sent, packet => Assert.False(packet.Duplicate));
        await _broker.AcknowledgeAsync(PubAck, sent[0].Id);
        await EgressRig.UntilAsync(() => _rig!.Count("published") == 1);
        _broker.Close();

        var second = await _broker.AcceptAsync("-egress-");
        await _broker.WelcomeAsync(sessionPresent: true);

        Assert.False(second.CleanStart);
        // Session Expiry Interval of 300 s (MQTT 5 section 3.1.2.11.2); but for Clean Start the packets are equal, so the client id is, too.
        Assert.Equal(first.Body.Select((b, i) => i == 7 ? b & ~2 : b), second.Body.Select(b => (int)b));
        Assert.Contains("110000012C", Convert.ToHexString(second.Body));
        foreach (var packet in sent.Skip(1))
        {
            var again = await _broker.ReadAsync();
            Assert.True(again.Duplicate);
            Assert.Equal((packet.Id, packet.Qos), (again.Id, again.Qos));
            Assert.Equal(packet.Body, again.Body);
            Assert.True(await _broker.IsQuietAsync());
            await _broker.AcknowledgeAsync(PubAck, again.Id);
        }

        await EgressRig.UntilAsync(() => _rig!.Count("published") == 3);
    }

    [Fact]
    public async Task Broker_that_has_lost_the_session_gets_everything_anew()
    {
        await StartAsync(qos: 2, events: 2);
        await _broker.AcceptAsync("-egress-");
        await _broker.WelcomeAsync(sessionPresent: false);
        var sent = await ReadAsync(2);
        await _broker.AcknowledgeAsync(PubRec, sent[0].Id);
        Assert.Equal(PubRel, (await _broker.ReadAsync()).Kind);
        _broker.Close();
        await _broker.AcceptAsync("-egress-");
        await _broker.WelcomeAsync(sessionPresent: false);

        var again = await _broker.ReadAsync();

        Assert.Equal((Publish, false), (again.Kind, again.Duplicate));
        Assert.Equal(sent[0].Topic, again.Topic);
    }

    [Fact]
    public async Task What_the_broker_has_accepted_at_qos_2_is_released_and_not_published_again()
    {
        await StartAsync(qos: 2, events: 2);
        await _broker.AcceptAsync("-egress-");
        await _broker.WelcomeAsync(sessionPresent: false);
        var sent = await ReadAsync(2);
        await _broker.AcknowledgeAsync(PubRec, sent[0].Id);
        Assert.Equal(PubRel, (await _broker.ReadAsync()).Kind);
        _broker.Close();
        await _broker.AcceptAsync("-egress-");
        await _broker.WelcomeAsync(sessionPresent: true);

        var release = await _broker.ReadAsync();
        Assert.Equal((PubRel, sent[0].Id), (release.Kind, release.Id));
        await _broker.AcknowledgeAsync(PubComp, release.Id, reason: 0x92); // packet identifier not found: it was released before
        await EgressRig.UntilAsync(() => _rig!.Count("published") == 1);
        var again = await _broker.ReadAsync();
        Assert.Equal((Publish, true, sent[1].Id), (again.Kind, again.Duplicate, again.Id));
        await _broker.AcknowledgeAsync(PubRec, again.Id);
        await _broker.ReadAsync();
        await _broker.AcknowledgeAsync(PubComp, again.Id);
        await EgressRig.UntilAsync(() => _rig!.Count("published") == 2);
        Assert.Empty(_rig!.DeadLetters.Records);
    }

    [Theory]
    [InlineData(0x97)] // quota exceeded
    [InlineData(0x83)] // implementation specific error
    public async Task Publish_that_is_refused_for_now_is_tried_again_at_its_place(byte reason)
    {
        await StartAsync(qos: 1, events: 2);
        await _broker.AcceptAsync("-egress-");
        await _broker.WelcomeAsync(sessionPresent: false);
        var sent = await ReadAsync(2);
        await _broker.AcknowledgeAsync(PubAck, sent[0].Id, reason);
        await _broker.AcceptAsync("-egress-");
        await _broker.WelcomeAsync(sessionPresent: true);

        foreach (var (packet, duplicate) in sent.Zip([false, true]))
        {
            var again = await _broker.ReadAsync();
            Assert.Equal((packet.Topic, packet.Id, duplicate), (again.Topic, again.Id, again.Duplicate));
            await _broker.AcknowledgeAsync(PubAck, again.Id);
        }

        await EgressRig.UntilAsync(() => _rig!.Count("published") == 2);
        Assert.Empty(_rig!.DeadLetters.Records);
    }

    [Fact]
    public async Task Record_that_breaks_connections_is_known_by_the_third_time_also_where_the_session_goes_on()
    {
        await StartAsync(qos: 2, events: 2);
        await _broker.AcceptAsync("-egress-");
        await _broker.WelcomeAsync(sessionPresent: false);
        var sent = await ReadAsync(2);
        for (var i = 0; i < 2; i++)
        {
            _broker.Close();
            await _broker.AcceptAsync("-egress-");
            await _broker.WelcomeAsync(sessionPresent: true);
            Assert.Equal(sent[0].Id, (await _broker.ReadAsync()).Id);
        }

        _broker.Close();
        await _broker.AcceptAsync("-egress-");
        await _broker.WelcomeAsync(sessionPresent: true);
        await _rig!.DeadLetters.AwaitAsync(1);
        // The broker may have its packet id, which will be used again.
        var release = await _broker.ReadAsync();
        Assert.Equal((PubRel, sent[0].Id), (release.Kind, release.Id));
        await _broker.AcknowledgeAsync(PubComp, release.Id);
        var other = await _broker.ReadAsync();
        Assert.Equal((Publish, sent[1].Id), (other.Kind, other.Id));
        Assert.Equal(0, _rig.Count("published"));
    }

    [Fact]
    public async Task Process_that_stops_takes_its_session_with_it()
    {
        await StartAsync(qos: 1, events: 1);
        await _broker.AcceptAsync("-egress-");
        await _broker.WelcomeAsync(sessionPresent: false);
        await _broker.AcknowledgeAsync(PubAck, (await _broker.ReadAsync()).Id);
        var stopping = _rig!.StopEgressAsync();

        var goodbye = await _broker.ReadAsync();

        // Normal disconnection with a Session Expiry Interval of 0 (MQTT 5 section 3.14.2.2.2).
        Assert.Equal(Disconnect, goodbye.Kind);
        Assert.Equal("00051100000000", Convert.ToHexString(goodbye.Body));
        await stopping;
    }

    // Their sessions have no end: those of dead processes would stay at the broker for ever.
    [Fact]
    public async Task Mqtt_3_begins_a_session_each_time()
    {
        await StartAsync(qos: 1, events: 1, MqttProtocolVersion.V311);
        for (var i = 0; i < 2; i++)
        {
            Assert.True((await _broker.AcceptAsync("-egress-")).CleanStart);
            await _broker.WelcomeOldAsync();
            Assert.False((await _broker.ReadAsync()).Duplicate);
            _broker.Close();
        }
    }

    // All of one device, so that they share a connection.
    private async Task StartAsync(int qos, int events, MqttProtocolVersion version = MqttProtocolVersion.V5)
    {
        _rig = EgressRig.Start(new GatewayConfiguration
        {
            Egress = new EgressOptions { MinQos = qos, Connections = 1 },
            Mqtt = new MqttOptions { ProtocolVersion = version },
        });
        for (var i = 0; i < events; i++)
        {
            await _rig.EventAsync("dev-1", $"t/{i}", $"{i}");
        }

        await _rig.StartEgressAsync(_broker.Server);
    }

    private async Task<List<BareBroker.Packet>> ReadAsync(int count)
    {
        var packets = new List<BareBroker.Packet>();
        while (packets.Count < count)
        {
            packets.Add(await _broker.ReadAsync());
        }

        return packets;
    }
}
