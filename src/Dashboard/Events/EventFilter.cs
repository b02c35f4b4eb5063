using Messaging;

namespace Dashboard.Events;

/// <summary>Which events a stream carries.</summary>
/// <param name="Key">UTF-8 of the endpoint; null = all.</param>
/// <param name="Types">Without "lwm2m."; null = all.</param>
sealed record EventFilter(byte[]? Key, IReadOnlySet<string>? Types)
{
    /// <summary>All that there are.</summary>
    public static readonly IReadOnlyList<string> KnownTypes =
        ["register", "update", "deregister", "expired", "replaced", "online", "notify", "send", "ack", "response", "dtls_failed"];

    public bool Takes(in LogRecord record, string type) =>
        (Key is null || record.Key.AsSpan().SequenceEqual(Key)) && (Types is null || Types.Contains(type));
}
