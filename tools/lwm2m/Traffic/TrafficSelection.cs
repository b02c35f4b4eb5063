using Contracts;

namespace Tools.Traffic;

/// <summary>Which uplink events are wanted.</summary>
sealed record TrafficSelection
{
    /// <summary>Any of them; empty = all endpoints.</summary>
    public IReadOnlyList<Glob> Endpoints { get; init; } = [];

    /// <summary>Empty = all kinds.</summary>
    public IReadOnlySet<EventKind> Kinds { get; init; } = new HashSet<EventKind>();

    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>How far before <see cref="From"/> the last Register of a device is looked for.</summary>
    public TimeSpan Lookback { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Where reading begins.</summary>
    public DateTimeOffset? ReadFrom => From - Lookback;

    public bool IsOfEndpoint(string endpoint) => Endpoints.Count == 0 || Endpoints.Any(glob => glob.Matches(endpoint));

    public bool IsOfKind(EventKind kind) => Kinds.Count == 0 || Kinds.Contains(kind);

    public bool IsBefore(UplinkEvent happened) => From is { } from && TimeOf(happened) < from;

    public bool IsAfter(UplinkEvent happened) => To is { } to && TimeOf(happened) >= to;

    public static DateTimeOffset TimeOf(UplinkEvent happened) => Instant.Of(happened.ReceivedNs);
}
