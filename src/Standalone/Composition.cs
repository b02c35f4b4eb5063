using Contracts;
using Dashboard;
using Egress;
using Hosting;
using Ingress;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Translator;

namespace Standalone;

/// <summary>All services in one process. They meet through Kafka and MQTT only, as everywhere; what is not configured is brought along.</summary>
public static class Composition
{
    const string AutoObserve = "gateway:lwm2m:auto_observe";

    /// <summary>The switch that adds simulated devices.</summary>
    public static readonly HostSwitch Demo = new("demo", "Simulated devices that register, report and answer commands.");

    /// <summary>The demonstration is worth looking at only with devices that are observed.</summary>
    public static string[] Complete(string[] args) =>
        args.Contains("--" + Demo.Name) && !args.Any(a => a.Contains(AutoObserve, StringComparison.Ordinal)) ? [.. args, $"--{AutoObserve}=true"] : args;

    public static void Configure(GatewayHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var configuration = builder.Configuration;
        var brokers = EmbeddedBrokers.Start(configuration);
        // Stopped and disposed of in the opposite order: devices first, brokers last.
        builder.Services.AddSingleton(_ => brokers);
        builder.Services.AddHostedService(services => services.GetRequiredService<EmbeddedBrokers>());
        builder.Services.AddHostedService<Narrator>();
        builder.Services.AddEgress(brokers.Kafka, brokers.Mqtt);
        builder.Services.AddTranslator(brokers.Kafka);
        builder.Services.AddIngress(brokers.Kafka, builder.Configuration.Credentials);
        builder.AddDashboard(brokers.Kafka);
        if (builder.Switch(Demo.Name) is not null)
            builder.Services.AddHostedService<DemoFleet>();
    }
}
