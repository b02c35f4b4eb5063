using Contracts;
using Translator.Partitions;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>A handshake that failed is told on Kafka, and to nobody over MQTT: no device stands behind it.</summary>
public sealed class DtlsFailedEventTests
{
    [Fact]
    public void Event_stays_on_Kafka()
    {
        var told = Assert.Single(UplinkPipeline.Translate(Failed("psk:dev-1", "unknown_identity"), Given.Rules));
        Assert.Equal(
            """{"data":{"failures":7,"identity":"psk:dev-1","listener":"dtls:default","peer":"192.0.2.1:50000","reason":"unknown_identity"},"msgType":"dtls_failed"}""",
            Given.Text(told.Json));
        Assert.Equal(("psk:dev-1", "lwm2m.dtls_failed", null), (told.Key, told.Type, told.Topic));
        var record = EventRecord.Of(told, Given.Record("lwm2m.uplink", "psk:dev-1", []), "lwm2m.events");
        Assert.DoesNotContain(record.Headers!, header => header.Name == EventHeaders.MqttTopic);
    }

    [Fact]
    public void Whoever_said_nothing_of_himself_has_no_identity()
    {
        var told = Assert.Single(UplinkPipeline.Translate(Failed("", "timeout"), Given.Rules));
        Assert.Equal("""{"data":{"failures":7,"listener":"dtls:default","peer":"192.0.2.1:50000","reason":"timeout"},"msgType":"dtls_failed"}""", Given.Text(told.Json));
    }

    // A name that is no level of a topic is no reason to lose the event.
    [Fact]
    public void Name_may_be_what_it_likes()
    {
        var told = Assert.Single(UplinkPipeline.Translate(Failed("psk:+/#\"\n", "wrong_key"), Given.Rules));
        Assert.Contains("""psk:+/#\"\n""", Given.Text(told.Json), StringComparison.Ordinal);
    }

    static UplinkEvent Failed(string identity, string reason) => Given.Uplink(EventKind.DtlsFailed, uplink =>
    {
        uplink.Endpoint = identity.Length > 0 ? identity : "192.0.2.1";
        uplink.Client = new ClientIdentity { Listener = "dtls:default", Identity = identity };
        uplink.RegistrationId = "";
        uplink.Peer = "192.0.2.1:50000";
        uplink.Reason = reason;
        uplink.Failures = 7;
    });
}
