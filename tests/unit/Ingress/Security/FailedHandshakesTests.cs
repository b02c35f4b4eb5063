using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Contracts;
using Ingress;
using Ingress.Security;
using Ingress.Sockets;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Protocol.Dtls;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>Whoever watches over a fleet sees who does not get in; and whoever does not get in cannot fill the topic with it.</summary>
public sealed class FailedHandshakesTests : IDisposable
{
    readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    readonly MemoryLog _log = new();
    readonly IngressTelemetry _telemetry;
    readonly MeterListener _meters = new();
    readonly FailedHandshakes _failures;
    long _untold;

    public FailedHandshakesTests()
    {
        _telemetry = new IngressTelemetry(_services.GetRequiredService<IMeterFactory>());
        _meters.SetMeasurementEventCallback<long>((_, value, _, _) => _untold += value);
        _meters.EnableMeasurementEvents(_telemetry.DtlsFailuresUntold);
        _failures = new FailedHandshakes(_log, new Topics("t"), new Clock(_time), _telemetry, 3, 77);
    }

    public void Dispose()
    {
        _meters.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Event_names_peer_identity_and_reason()
    {
        _failures.Tell("dtls:default", PeerAt("192.0.2.1", 50000), new DtlsIdentity("dev-1"), HandshakeResult.WrongKey);
        var told = Assert.Single(Told());
        Assert.Equal(
            (EventKind.DtlsFailed, "psk:dev-1", "psk:dev-1", "dtls:default", "192.0.2.1:50000", "wrong_key", 1u, 3u, 77ul),
            (told.Kind, told.Endpoint, told.Client.Identity, told.Client.Listener, told.Peer, told.Reason, told.Failures, told.Slot, told.Epoch));
        Assert.Equal(1_700_000_000_000_000_000ul, told.ReceivedNs);
        Assert.Equal("psk:dev-1", Encoding.UTF8.GetString(_log.Entries.Single().Key));
    }

    [Fact]
    public void Credential_that_is_known_is_named_as_it_is()
    {
        var known = Credential.OfIssued("dev-1", null);
        _failures.Tell("dtls:default", PeerAt("192.0.2.1", 1), new DtlsIdentity("dev-1") { Credential = known }, HandshakeResult.Timeout);
        Assert.Equal("x509:dev-1", Assert.Single(Told()).Endpoint);
    }

    [Fact]
    public void Who_has_not_said_who_he_is_is_named_by_his_address()
    {
        _failures.Tell("dtls:default", PeerAt("2001:db8::1", 1), null, HandshakeResult.NothingInCommon);
        var told = Assert.Single(Told());
        Assert.Equal(("2001:db8::1", "", "[2001:db8::1]:1"), (told.Endpoint, told.Client.Identity, told.Peer));
    }

    [Fact]
    public void Long_identity_is_cut_off()
    {
        _failures.Tell("dtls:default", PeerAt("192.0.2.1", 1), new DtlsIdentity(new string('x', 4000)), HandshakeResult.UnknownIdentity);
        Assert.Equal("psk:" + new string('x', 128), Assert.Single(Told()).Endpoint);
    }

    [Fact]
    public void One_event_a_minute_tells_of_all_that_are_alike()
    {
        for (var i = 0; i < 500; i++)
            _failures.Tell("dtls:default", PeerAt("192.0.2.1", (ushort)(1000 + i)), new DtlsIdentity("dev-1"), HandshakeResult.WrongKey);
        Assert.Equal(1u, Assert.Single(Told()).Failures);

        // Another address, identity or reason is another matter.
        _failures.Tell("dtls:default", PeerAt("192.0.2.2", 1), new DtlsIdentity("dev-1"), HandshakeResult.WrongKey);
        _failures.Tell("dtls:default", PeerAt("192.0.2.1", 1), new DtlsIdentity("dev-2"), HandshakeResult.WrongKey);
        _failures.Tell("dtls:default", PeerAt("192.0.2.1", 1), new DtlsIdentity("dev-1"), HandshakeResult.UnknownIdentity);
        Assert.Equal(4, Told().Count);

        _time.Advance(TimeSpan.FromMilliseconds(FailedHandshakes.Period));
        _failures.Tell("dtls:default", PeerAt("192.0.2.1", 1), new DtlsIdentity("dev-1"), HandshakeResult.WrongKey);
        var told = Told();
        Assert.Equal((5, 500u), (told.Count, told[^1].Failures));
        Assert.Equal(5, told.Select(e => (e.IdHigh, e.IdLow)).Distinct().Count());
        Assert.Equal(0, _untold);
    }

    [Fact]
    public void Storm_of_names_is_cut_off_and_counted()
    {
        for (var i = 0; i < FailedHandshakes.Most + 50; i++)
            _failures.Tell("dtls:default", PeerAt("192.0.2.1", 1), new DtlsIdentity($"dev-{i}"), HandshakeResult.UnknownIdentity);
        Assert.Equal((FailedHandshakes.Most, 50), (Told().Count, _untold));

        _time.Advance(TimeSpan.FromMilliseconds(FailedHandshakes.Period));
        _failures.Tell("dtls:default", PeerAt("192.0.2.1", 1), new DtlsIdentity("late"), HandshakeResult.UnknownIdentity);
        Assert.Equal("psk:late", Told()[^1].Endpoint);
    }

    [Fact]
    public void What_Kafka_does_not_take_is_counted()
    {
        _log.Status = AppendStatus.QueueFull;
        _failures.Tell("dtls:default", PeerAt("192.0.2.1", 1), null, HandshakeResult.Timeout);
        Assert.Empty(Told());
        Assert.Equal(1, _untold);
    }

    List<UplinkEvent> Told()
    {
        while (_log.Handed > 0)
            _log.TakeOne();
        return [.. _log.Uplink];
    }

    static Peer PeerAt(string address, ushort port) => Peer.From(new IPEndPoint(IPAddress.Parse(address), port), 0);
}
