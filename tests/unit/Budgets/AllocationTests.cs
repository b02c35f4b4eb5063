using System.Text;
using Contracts;
using Egress.Mqtt;
using Google.Protobuf;
using Messaging;
using Pipeline.Tests.Ingress;
using Pipeline.Tests.Translator;
using Protocol.Coap;
using Translator;
using Translator.Operations;
using Translator.Partitions;

namespace Pipeline.Tests.Budgets;

/// <summary>The way of an event through the services costs no more memory than it did: what is allocated is collected, at the price of CPU.</summary>
public sealed class AllocationTests
{
    static readonly Topics Topics = new("t");

    [Fact]
    public void Each_budget_is_held_by_a_test() =>
        Assert.Equal(
            AllocationBudgets.Stages.Order(),
            new[] { "ingress: a notification", "translator: a notification", "translator: an answer of 16 resources", "translator: an Update", "egress: an event" }.Order());

    [Fact]
    public void A_notification_through_Ingress()
    {
        var gateway = new GatewayUnderTest();
        gateway.Register();
        gateway.Operate(gateway.Operation(OperationKind.Observe, "/3303/0", "c1"));
        gateway.Log.Settle();
        var token = gateway.AnswerNext("/3303/0", CoapCode.Content, observe: 5, payload: [1]);
        gateway.Log.Settle();
        var bare = new BareGateway(gateway, new CountingLog());
        byte[] value = [0xE8, 0x16, 0x44, 0x08, 0x40, 0x37, 0x57, 0xAE, 0x14, 0x7A, 0xE1, 0x48];
        var notifications = Enumerable.Range(0, 4000)
            .Select(i => GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, (ushort)(1000 + i), token, observe: (uint)(10 + i), format: 11542, payload: value))
            .ToArray();
        var next = 0;
        AllocationBudgets.Hold("ingress: a notification", () => bare.Receive(notifications[next++]));
        Assert.Equal(4000, bare.Sent);
    }

    [Fact]
    public void A_notification_through_the_Translator() => Translate("translator: a notification", Given.Uplink(EventKind.Notified, uplink =>
    {
        (uplink.Path, uplink.Code, uplink.ContentFormat, uplink.Observe) = ("/3303/0/5700", 0x45, 11542, 12);
        uplink.Command = Given.Context("""{"reqID":307,"msgType":"observe","data":{"path":"/3303/0/5700"}}""");
        uplink.Payload = ByteString.CopyFrom(Convert.FromHexString("E8164408403757AE147AE148"));
    }));

    [Fact]
    public void An_answer_through_the_Translator() => Translate("translator: an answer of 16 resources", Given.Answer(
        """{"reqID":307,"msgType":"read","data":{"path":"/3/0"}}""", 0x45, 11542,
        "C800144F70656E204D6F62696C6520416C6C69616E6365C801164C69676874776569676874204D324D20436C69656E74C80209333435303030313233C303312E30"
        + "860641000141010588070842000ED842011388870841007D42010384C10964C10A0F830B410000C40D5182428FC60E2B30323A3030C11055"));

    [Fact]
    public void An_Update_through_the_Translator() => Translate("translator: an Update", Given.Uplink(EventKind.Updated, uplink =>
        uplink.Registration = new RegistrationInfo
        {
            Parameters = { new QueryParameter { Key = "ep", Value = "e1" }, new QueryParameter { Key = "lt", Value = "300" } }, ObjectList = { "/1/0", "/3/0" },
        }));

    // The packet is written from the record's bytes into a buffer that is used again.
    [Fact]
    public void An_event_through_Egress()
    {
        var output = new PacketBuffer();
        byte[] topic = Encoding.UTF8.GetBytes("lwm2m/e1/up/notify"), endpoint = Encoding.UTF8.GetBytes("e1"), json = new byte[200], id = new byte[34];
        AllocationBudgets.Hold("egress: an event", () =>
        {
            output.Clear();
            Assert.True(new PublishPacket { Topic = topic, Payload = json, Qos = 1, PacketId = 7, Endpoint = endpoint, EventId = id }.TryWrite(output, version5: true, uint.MaxValue));
        });
    }

    // From the bytes of the record to all that is written because of it; a command has one outcome, so each has an id of its own.
    static void Translate(string stage, UplinkEvent uplink)
    {
        var records = Enumerable.Range(0, 4000).Select(i =>
        {
            if (uplink.Kind == EventKind.Outcome)
                uplink.Command.CommandId = $"c{i}";
            return Given.Record(Topics.Uplink, uplink.Endpoint, uplink.ToByteArray(), i);
        }).ToArray();
        using var partition = new TranslatorPartition(0, 1, Topics, () => Given.Rules, new SlotDirectory(), Given.Telemetry, new OperationLimits());
        var next = 0;
        AllocationBudgets.Hold(stage, () => Assert.NotEmpty(partition.Uplink(records[next++], Given.Now).Steps));
    }
}
