using Hosting;
using Hosting.Traces;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Translator;

/// <summary>Puts the Translator into a host.</summary>
public static class TranslatorServices
{
    /// <summary>Needs <see cref="LiveConfiguration"/>, TimeProvider, metrics and logging, which GatewayHost has.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="kafka">Kafka, or the embedded broker.</param>
    public static IServiceCollection AddTranslator(this IServiceCollection services, KafkaConnection kafka)
    {
        services.TryAddSingleton(kafka);
        services.TryAddSingleton(p => ConfigReader.Telling(
            kafka, p.GetRequiredService<LiveConfiguration>().Lay, p.GetRequiredService<ILogger<ConfigReader>>(), p.GetRequiredService<Trails>().Take));
        services.AddSingleton<TranslatorTelemetry>();
        services.AddSingleton<DefinitionSource>();
        services.AddHostedService(provider => provider.GetRequiredService<DefinitionSource>());
        services.AddSingleton<IReadiness>(provider => provider.GetRequiredService<DefinitionSource>());
        services.AddSingleton<TranslatorService>();
        services.AddHostedService(provider => provider.GetRequiredService<TranslatorService>());
        services.AddSingleton<IReadiness, TranslatorReadiness>();
        services.AddSingleton<ILiveness>(provider => new Liveness("translator", () => provider.GetRequiredService<TranslatorService>().Failure));
        return services;
    }
}
