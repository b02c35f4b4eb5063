using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Contracts.Configuration;
using Ingress;
using Ingress.Forwarding;
using Ingress.Security;
using Ingress.Service;
using Ingress.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>The DTLS listener of one replica among several on the loopback: what it hears it sends back, and says what it counts.</summary>
sealed class ForwardingReplica : IDisposable
{
    readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    readonly MeterListener _meters = new();
    readonly ConcurrentDictionary<string, long> _counts = new();
    readonly CredentialFile _credentials;
    readonly Listeners _listeners;

    public ForwardingReplica(int slot, string secret, string credentials)
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _counts.AddOrUpdate(string.Join(' ', [instrument.Name, .. tags.ToArray().Select(t => t.Value)]), value, (_, before) => before + value));
        _meters.Start();
        var telemetry = new IngressTelemetry(meters);
        _credentials = new CredentialFile(() => credentials, TimeProvider.System, NullLogger.Instance);
        Forwarder = new Forwarder(new ForwardOptions { Bind = BindAddress.Loopback(0) }, secret, slot, telemetry);
        _listeners = new Listeners(Options, NullLogger.Instance, new DtlsNeeds(new Credentials(_credentials), telemetry, TimeProvider.System, NullLogger.Instance, 100, slot) { Forwarder = Forwarder });
        _listeners.Start(1, Echo, (in from, in to) => Moves.Enqueue((from, to)));
    }

    public Forwarder Forwarder { get; }

    public IPEndPoint Secure => _listeners.Open.Single().LocalEndPoint;

    /// <summary>Where the last words came from.</summary>
    public Peer Last { get; private set; }

    public ConcurrentQueue<(Peer From, Peer To)> Moves { get; } = new();

    /// <summary>The gateway says something of its own to the last device.</summary>
    public void Say(ReadOnlySpan<byte> text) => _listeners.Send(Last, text);

    /// <summary>Of a counter, with the values of its labels behind the name: "forwarded out".</summary>
    public long Count(string counter) => _counts.GetValueOrDefault(counter);

    public void Dispose()
    {
        _listeners.Dispose();
        Forwarder.Dispose();
        _credentials.Dispose();
        _meters.Dispose();
        _services.Dispose();
    }

    void Echo(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        Last = peer;
        _listeners.Send(peer, [.. "echo "u8, .. datagram]);
    }

    static Lwm2mOptions Options => new()
    {
        Listeners = new ListenersOptions
        {
            Udp = new Dictionary<string, UdpListenerOptions>(),
            Dtls = new Dictionary<string, DtlsListenerOptions> { ["secure"] = new() { Bind = BindAddress.Loopback(0) } },
        },
    };
}
