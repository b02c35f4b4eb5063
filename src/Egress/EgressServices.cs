using Contracts.Configuration;
using Hosting;
using Hosting.Traces;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Egress;

/// <summary>Puts Egress into a host.</summary>
public static class EgressServices
{
    /// <summary>Needs <see cref="LiveConfiguration"/>, TimeProvider, metrics and logging, which GatewayHost has.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="kafka">Kafka, or the embedded broker.</param>
    /// <param name="mqtt">The broker: the configured one, or Standalone's own.</param>
    public static IServiceCollection AddEgress(this IServiceCollection services, KafkaConnection kafka, MqttOptions mqtt)
    {
        services.TryAddSingleton(p => ConfigReader.Telling(
            kafka, p.GetRequiredService<LiveConfiguration>().Lay, p.GetRequiredService<ILogger<ConfigReader>>(), p.GetRequiredService<Trails>().Take));
        services.AddSingleton<EgressTelemetry>();
        services.AddSingleton(p => new EgressService(
            kafka, mqtt, p.GetRequiredService<LiveConfiguration>(), p.GetRequiredService<ConfigReader>(), p.GetRequiredService<EgressTelemetry>(),
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<EgressService>>()));
        services.AddHostedService(p => p.GetRequiredService<EgressService>());
        AddReadiness(services, "egress.events", service => service.ConsumerTrouble);
        AddReadiness(services, "egress.mqtt", service => service.PublisherTrouble);
        AddReadiness(services, "egress.relay", service => service.RelayTrouble);
        services.AddSingleton<ILiveness>(p => new Liveness("egress", () => p.GetRequiredService<EgressService>().Failure));
        return services;
    }

    private static void AddReadiness(IServiceCollection services, string name, Func<EgressService, string?> trouble) =>
        services.AddSingleton<IReadiness>(p =>
        {
            var service = p.GetRequiredService<EgressService>();
            return new EgressReadiness(name, () => trouble(service));
        });
}
