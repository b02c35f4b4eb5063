using System.Text;
using CsCheck;
using Contracts.Configuration;
using global::Egress.Mqtt;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MqttProtocolVersion = Contracts.Configuration.MqttProtocolVersion;

namespace Pipeline.Tests.Egress;

public sealed class MqttWireTests
{
    [Fact]
    public void Publish_in_mqtt_3_is_the_packet_of_the_specification()
    {
        var output = new PacketBuffer();
        var packet = new PublishPacket { Topic = "a/b"u8, Payload = "hi"u8, Qos = 1, PacketId = 10 };

        Assert.True(packet.TryWrite(output, version5: false, uint.MaxValue));

        // MQTT 3.1.1 section 3.3.2: topic a/b, packet identifier 10.
        Assert.Equal("32090003612F62000A6869", Convert.ToHexString(output.Written.Span));
    }

    [Fact]
    public void Publish_is_read_back_by_another_implementation() =>
        Gen.Select(Gen.String[Gen.Char['a', 'z'], 1, 300], Gen.Byte.Array[0, 20_000], Gen.Int[0, 2], Gen.UShort[1, 65535], Gen.Byte.Array[0, 40], Gen.Bool)
            .Sample((topic, payload, qos, id, correlation, version5) =>
            {
                var output = new PacketBuffer();
                var packet = new PublishPacket
                {
                    Topic = Encoding.UTF8.GetBytes(topic), Payload = payload, Qos = qos, PacketId = id, Endpoint = "ep"u8, EventId = [], Correlation = correlation,
                };
                Assert.True(packet.TryWrite(output, version5, uint.MaxValue));

                var read = Read(output.Written.Span, version5);

                Assert.Equal(topic, read.Topic);
                Assert.Equal(payload, System.Buffers.BuffersExtensions.ToArray(read.Payload));
                Assert.Equal(qos, (int)read.QualityOfServiceLevel);
                Assert.Equal(qos > 0 ? id : 0, read.PacketIdentifier);
                Assert.Equal(version5 ? "application/json" : null, read.ContentType);
                Assert.Equal(version5 && correlation.Length > 0 ? correlation : null, read.CorrelationData);
                Assert.Equal(version5 ? 1 : 0, read.UserProperties?.Count ?? 0);
            }, iter: 300);

    [Fact]
    public void Publish_that_is_larger_than_the_broker_takes_is_not_written()
    {
        var output = new PacketBuffer();
        var packet = new PublishPacket { Topic = "a/b"u8, Payload = "hi"u8, Qos = 1, PacketId = 10 };

        Assert.False(packet.TryWrite(output, version5: false, maxSize: 10));
        Assert.Equal(0, output.Count);
        Assert.True(packet.TryWrite(output, version5: false, maxSize: 11));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("/", true)]
    [InlineData("lwm2m/\u00fc\u6771/up", true)]
    [InlineData("$SYS/x", true)]
    [InlineData("", false)]
    [InlineData("a/+", false)]
    [InlineData("a#", false)]
    [InlineData("a\0", false)]
    [InlineData("a\u001f", false)]
    [InlineData("a\u0085", false)]
    public void Topic_name_holds_no_wildcards_and_no_control_characters(string topic, bool valid) =>
        Assert.Equal(valid, MqttText.IsTopicName(Encoding.UTF8.GetBytes(topic)));

    [Fact]
    public void Text_is_well_formed_and_not_too_long()
    {
        Assert.False(MqttText.IsText([0xc3, 0x28]));
        Assert.False(MqttText.IsText([0xc2]));
        Assert.True(MqttText.IsText(new byte[65535].Select(_ => (byte)'a').ToArray()));
        Assert.False(MqttText.IsText(new byte[65536].Select(_ => (byte)'a').ToArray()));
    }

    [Theory]
    [InlineData("mqtt://broker", "broker", 1883, false, null, null)]
    [InlineData("mqtts://broker", "broker", 8883, true, null, null)]
    [InlineData("mqtt://me:p%40ss@[::1]:1884", "::1", 1884, false, "me", "p@ss")]
    [InlineData("mqtt://me@10.0.0.1", "10.0.0.1", 1883, false, "me", null)]
    public void Server_url_is_taken_apart(string url, string host, int port, bool tls, string? username, string? password)
    {
        var broker = MqttBroker.From(new MqttOptions { Server = url });

        Assert.Equal((host, port, tls, username, password), (broker.Host, broker.Port, broker.Tls, broker.Username, broker.Password));
        Assert.DoesNotContain("p@ss", broker.ToString());
    }

    [Fact]
    public void Keys_for_user_and_password_win_over_the_url()
    {
        var broker = MqttBroker.From(new MqttOptions { Server = "mqtt://a:b@host", Username = "c", Password = "d" });

        Assert.Equal(("c", "d"), (broker.Username, broker.Password));
        Assert.Throws<FormatException>(() => MqttBroker.From(new MqttOptions { Server = "mqtt://:1883" }));
    }

    private static MqttPublishPacket Read(ReadOnlySpan<byte> bytes, bool version5)
    {
        var (length, at) = (0, 1);
        for (var shift = 0; ; shift += 7)
        {
            length |= (bytes[at] & 0x7f) << shift;
            if (bytes[at++] < 0x80)
            {
                break;
            }
        }

        Assert.Equal(bytes.Length, at + length);
        var formatter = new MqttPacketFormatterAdapter(
            version5 ? MQTTnet.Formatter.MqttProtocolVersion.V500 : MQTTnet.Formatter.MqttProtocolVersion.V311, new MqttBufferWriter(1024, 65535));
        return (MqttPublishPacket)formatter.Decode(new ReceivedMqttPacket(bytes[0], bytes[at..].ToArray(), bytes.Length));
    }
}
