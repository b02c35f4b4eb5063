using Contracts.Configuration;
using Hosting;
using Hosting.Traces;
using Ingress.Security;
using Ingress.Service;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ingress;

/// <summary>Puts an Ingress into a host.</summary>
public static class IngressServices
{
    /// <summary>Needs <see cref="LiveConfiguration"/>, TimeProvider, metrics and logging, which GatewayHost has.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="kafka">Kafka, or the embedded broker.</param>
    /// <param name="credentials">As they are at start.</param>
    /// <exception cref="ConfigurationException">Credentials are to be read from Kafka without keys to decrypt them, or a key is none.</exception>
    public static IServiceCollection AddIngress(this IServiceCollection services, KafkaConnection kafka, CredentialsOptions credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        if (credentials.Kafka && !CredentialKeys.TryRead(credentials.Keys, out _, out var problem))
            throw new ConfigurationException([$"credentials.keys decrypts the topic that credentials.kafka asks for: {problem}"]);
        services.TryAddSingleton(p => ConfigReader.Telling(
            kafka, p.GetRequiredService<LiveConfiguration>().Lay, p.GetRequiredService<ILogger<ConfigReader>>(), p.GetRequiredService<Trails>().Take));
        services.AddSingleton<IngressTelemetry>();
        services.AddSingleton(p => new IngressService(
            kafka, p.GetRequiredService<LiveConfiguration>(), p.GetRequiredService<ConfigReader>(), p.GetRequiredService<IngressTelemetry>(), p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<IHostApplicationLifetime>(), p.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService(p => p.GetRequiredService<IngressService>());
        services.AddSingleton<IReadiness>(p => p.GetRequiredService<IngressService>());
        services.AddSingleton<ILiveness>(p => p.GetRequiredService<IngressService>());
        return services;
    }
}
