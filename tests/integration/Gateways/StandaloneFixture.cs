using System.Net;
using Hosting;
using Ingress.Service;
using Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Standalone;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>Standalone in this process, with the brokers that it brings along.</summary>
public class StandaloneFixture : GatewayFixture
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly LogLines _log = new();
    readonly string _file = Path.GetTempFileName();
    WebApplication? _app;

    internal override string Log => _log.ToString();

    /// <summary>Health, metrics, and the management API.</summary>
    internal Uri Http => new(_app!.Urls.First());

    /// <summary>For tests that take it away.</summary>
    internal EmbeddedBroker Kafka => _app!.Services.GetRequiredService<EmbeddedBrokers>().KafkaBroker!;

    /// <summary>The address of a listener, such as "udp:default".</summary>
    internal IPEndPoint Door(string listener) =>
        _app!.Services.GetRequiredService<IngressService>().Open.Single(open => open.Name == listener).LocalEndPoint;

    /// <summary>Writes another configuration into the file of the running gateway.</summary>
    internal Task ChangeAsync(string configuration) => File.WriteAllTextAsync(_file, configuration);

    /// <summary>The configuration file.</summary>
    private protected virtual string Configuration => Block("127.0.0.1:0", "[::1]:0", "127.0.0.1:0");

    /// <summary>What else stands on the command line.</summary>
    private protected virtual IEnumerable<string> Switches => [];

    public override async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_file, Configuration);
        string[] arguments = ["--config", _file, "--mqtt:listen=127.0.0.1:0", "--http:bind=127.0.0.1:0", .. Switches];
        _app = GatewayHost.Create("standalone", arguments, builder =>
        {
            builder.Web.Logging.ClearProviders();
            builder.Web.Logging.AddProvider(_log);
            Composition.Configure(builder);
        });
        await _app.StartAsync();
        var parts = _app.Services.GetServices<IReadiness>().ToList();
        await Eventually.TrueAsync(
            () => parts.TrueForAll(part => part.Ready),
            Patience,
            () => string.Join("; ", parts.Where(p => !p.Ready).Select(p => p.Name + ": " + p.Reason)) + Log);

        var doors = _app.Services.GetRequiredService<IngressService>().Open.ToDictionary(l => l.Name, l => l.LocalEndPoint);
        Coap = doors["udp:default"];
        NamedCoap = doors.GetValueOrDefault("udp:named", Coap);
        Coap6 = doors.GetValueOrDefault("udp:six");
        var brokers = _app.Services.GetRequiredService<EmbeddedBrokers>();
        KafkaServers = brokers.Kafka.BootstrapServers;
        Applications = await Applications.ConnectAsync(new Uri(brokers.Mqtt.Server).Port);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _log.Dispose();
        File.Delete(_file);
        GC.SuppressFinalize(this);
    }
}
