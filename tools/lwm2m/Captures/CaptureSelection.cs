using Contracts;
using Tools.Traffic;

namespace Tools.Captures;

/// <summary>Which recorded datagrams are wanted.</summary>
sealed record CaptureSelection
{
    /// <summary>Any of them; empty = all, also those of no endpoint.</summary>
    public IReadOnlyList<Glob> Endpoints { get; init; } = [];

    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    public bool Wants(CapturedDatagram captured) =>
        (Endpoints.Count == 0 || (captured.Endpoint.Length > 0 && Endpoints.Any(glob => glob.Matches(captured.Endpoint))))
        && !(From is { } from && TimeOf(captured) < from) && !(To is { } to && TimeOf(captured) >= to);

    public static DateTimeOffset TimeOf(CapturedDatagram captured) => Instant.Of(captured.CapturedNs);
}
