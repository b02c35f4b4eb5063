namespace Tools.Load;

/// <summary>What decides when a notification leaves.</summary>
enum LoadMode
{
    /// <summary>The clock: at a fixed rate, whatever the gateway does.</summary>
    Open,

    /// <summary>The gateway: as soon as the one before is acknowledged.</summary>
    Closed,

    /// <summary>The clock, at a rate that rises until it is not sustained.</summary>
    Ramp,

    /// <summary>There are none; registrations and Updates are measured.</summary>
    Registration,
}
