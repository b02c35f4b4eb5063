using Contracts;

namespace Hosting;

/// <summary>
/// The endpoints of which somebody wants something: those that the configuration names, and for a while those of a wish on the config topic. "None"
/// costs one volatile read. Thread-safe.
/// </summary>
/// <param name="key">Of the wish, on the config topic.</param>
/// <param name="unixMs">The time.</param>
public sealed class EndpointWishes(string key, Func<long> unixMs)
{
    readonly Lock wishing = new();
    IReadOnlyList<string> configured = [];
    EndpointWish? wish;
    volatile Setting? setting;

    /// <summary>Whether any is wanted.</summary>
    public bool IsOn => setting is not null;

    /// <summary>What the configuration wants, for as long as it does.</summary>
    public void Follow(IReadOnlyList<string> endpoints)
    {
        lock (wishing)
        {
            configured = endpoints;
            Decide();
        }
    }

    /// <summary>A record of the config topic. Other keys than that of the wish are passed over; what cannot be read changes nothing.</summary>
    public void Take(string of, byte[]? value)
    {
        EndpointWish? taken = null;
        if (of != key || (value is not null && !EndpointWish.TryParse(value, out taken)))
            return;
        lock (wishing)
        {
            wish = taken;
            Decide();
        }
    }

    /// <param name="endpoint">Empty where it is not known.</param>
    public bool Wants(string endpoint)
    {
        if (setting is not { } now)
            return false;
        return (unixMs() < now.UntilMs ? now.Filter : AfterWish())?.Wants(endpoint) ?? false;
    }

    // The time of what was wished is over.
    EndpointFilter? AfterWish()
    {
        lock (wishing)
        {
            Decide();
            return setting?.Filter;
        }
    }

    void Decide()
    {
        if (wish is { } old && old.UntilMs <= unixMs())
            wish = null;
        var filter = EndpointFilter.Of(configured.Concat(wish?.Endpoints ?? []));
        setting = filter is null ? null : new Setting(filter, wish?.UntilMs ?? long.MaxValue);
    }

    sealed record Setting(EndpointFilter Filter, long UntilMs);
}
