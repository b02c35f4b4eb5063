using System.Diagnostics;
using Contracts;
using Microsoft.Extensions.Logging;

namespace Hosting.Traces;

/// <summary>Makes the <see cref="Trail"/> of each service in this process, and knows which endpoints are watched. Thread-safe.</summary>
public sealed class Trails : IDisposable
{
    /// <summary>What the names of all sources begin with.</summary>
    public const string SourcePrefix = "lwm2m.";

    readonly LiveConfiguration live;
    readonly ILoggerFactory loggers;
    readonly EndpointWishes watch;
    readonly List<ActivitySource> sources = [];

    public Trails(LiveConfiguration live, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(live);
        (this.live, this.loggers) = (live, loggers);
        watch = new EndpointWishes(WatchWish.Key, () => time.GetUtcNow().ToUnixTimeMilliseconds());
        watch.Follow(live.Current.Log.Watch);
        live.Changed += now => watch.Follow(now.Log.Watch);
    }

    /// <param name="service">"ingress": its source is <c>lwm2m.ingress</c>.</param>
    public Trail Of(string service)
    {
        ActivitySource? source = null;
        if (live.Current.OpenTelemetry.Traces.Enable)
        {
            source = new ActivitySource(SourcePrefix + service, GatewayHost.Version);
            lock (sources)
                sources.Add(source);
        }

        return new Trail(source, watch, () => live.Current.OpenTelemetry.Traces.EndToEnd, loggers.CreateLogger(char.ToUpperInvariant(service[0]) + service[1..] + ".Watch"));
    }

    /// <summary>A record of the config topic; what is no wish to watch is passed over.</summary>
    public void Take(string key, byte[]? value) => watch.Take(key, value);

    public void Dispose()
    {
        lock (sources)
            sources.ForEach(source => source.Dispose());
    }
}
