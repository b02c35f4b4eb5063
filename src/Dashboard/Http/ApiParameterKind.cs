namespace Dashboard.Http;

/// <summary>What the text of a parameter must be.</summary>
enum ApiParameterKind
{
    Text,

    /// <summary>A whole number, within bounds.</summary>
    Whole,

    /// <summary>true, false, 1 or 0.</summary>
    Flag,

    /// <summary>RFC 3339, or Unix time in ms. Its value is Unix time in ms.</summary>
    Instant,

    /// <summary>An LwM2M path such as /3/0/0, perhaps with a query.</summary>
    Path,

    /// <summary>An IPv4 or IPv6 address.</summary>
    Address,
}
