using Dashboard.Http;
using Hosting;
using Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dashboard;

/// <summary>Puts the management API into a host.</summary>
public static class DashboardServices
{
    /// <summary>Adds the API on the host's own port, beside health and metrics.</summary>
    /// <param name="builder">Where to.</param>
    /// <param name="kafka">Kafka, or the embedded broker.</param>
    /// <exception cref="ConfigurationException">It would answer everybody without a key, or a key is none.</exception>
    public static void AddDashboard(this GatewayHostBuilder builder, KafkaConnection kafka)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var problems = ApiKeys.ProblemsOf(builder.Configuration.Http).ToList();
        if (problems.Count > 0)
            throw new ConfigurationException(problems);
        builder.Services.TryAddSingleton(p =>
            new ConfigReader(kafka, p.GetRequiredService<LiveConfiguration>().Lay, p.GetRequiredService<ILogger<ConfigReader>>()));
        builder.Services.AddSingleton<DashboardTelemetry>();
        builder.Services.AddSingleton(p => new DashboardService(
            kafka, p.GetRequiredService<LiveConfiguration>(), p.GetRequiredService<ConfigReader>(), p.GetRequiredService<DashboardTelemetry>(),
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<IHostApplicationLifetime>(), p.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddHostedService(p => p.GetRequiredService<DashboardService>());
        builder.Services.AddSingleton<IReadiness>(p => new DashboardReadiness(p.GetRequiredService<DashboardService>()));
        builder.Services.AddSingleton<ILiveness>(p => new Liveness("dashboard", () => p.GetRequiredService<DashboardService>().Failure));
        builder.Map(Open);
    }

    static void Open(IEndpointRouteBuilder app) =>
        app.Map("/api/{**rest}", context => app.ServiceProvider.GetRequiredService<DashboardService>().Door.HandleAsync(context));
}
