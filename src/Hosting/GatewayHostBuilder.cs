using Contracts.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Hosting;

/// <summary>What a service is given to register itself: the container, and the configuration it starts with.</summary>
public sealed class GatewayHostBuilder
{
    readonly IReadOnlyDictionary<string, string> switches;
    readonly List<Action<IEndpointRouteBuilder>> doors = [];

    internal GatewayHostBuilder(string service, WebApplicationBuilder web, LiveConfiguration live,
        IReadOnlyDictionary<string, string> switches)
    {
        Service = service;
        Web = web;
        Live = live;
        this.switches = switches;
    }

    public string Service { get; }

    public IServiceCollection Services => Web.Services;

    public GatewayConfiguration Configuration => Live.Current;

    /// <summary>The same object that services get by injection.</summary>
    public LiveConfiguration Live { get; }

    public WebApplicationBuilder Web { get; }

    internal IReadOnlyList<Action<IEndpointRouteBuilder>> Doors => doors;

    /// <summary>Adds paths beside those of health and metrics, on the same port.</summary>
    public void Map(Action<IEndpointRouteBuilder> door) => doors.Add(door);

    /// <summary>The value of a switch of this service, empty where it has none; null: it was not given.</summary>
    public string? Switch(string name) => switches.GetValueOrDefault(name);
}
