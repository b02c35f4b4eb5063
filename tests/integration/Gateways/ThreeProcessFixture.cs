using System.Net;
using System.Net.Sockets;
using Contracts;
using Pipeline.IntegrationTests.Kafka;
using Pipeline.IntegrationTests.Mqtt;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>Three processes on a real Kafka and a real mosquitto.</summary>
public sealed class ThreeProcessFixture(KafkaFixture kafka) : GatewayFixture
{
    const string Prefix = "apart";

    readonly MosquittoFixture _mosquitto = new();
    ThreeProcesses? _processes;

    internal override string Log => _processes?.Log ?? "";

    public override async ValueTask InitializeAsync()
    {
        Missing = MissingHere(_mosquitto);
        if (Missing is not null)
            return;
        await _mosquitto.StartAsync();
        var cluster = await kafka.RequireAsync();
        (KafkaServers, Topics) = (cluster.BootstrapServers, new Topics(Prefix));
        NamedCoap = new IPEndPoint(IPAddress.Loopback, ServiceProcess.FreePort(SocketType.Dgram));
        Coap6 = HasIPv6 ? new IPEndPoint(IPAddress.IPv6Loopback, NamedCoap.Port) : null;
        _processes = await ThreeProcesses.StartAsync(
            coap => Block(coap.ToString(), $"[::1]:{NamedCoap.Port}", NamedCoap.ToString()),
            cluster.BootstrapServers, _mosquitto.Server, Prefix);
        Coap = _processes.Coap;
        Applications = await Applications.ConnectAsync(_mosquitto.Port);
    }

    /// <summary>Why there can be no three processes on this machine; null = there can.</summary>
    internal static string? MissingHere(MosquittoFixture mosquitto) =>
        KafkaCluster.Missing is { } reason ? "Needs a real Kafka: " + reason : mosquitto.Missing;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_processes is not null)
            await _processes.DisposeAsync();
        await _mosquitto.DisposeAsync();
    }
}
