namespace Tools.Simulation;

/// <summary>What a request makes a device do once it is answered.</summary>
[Flags]
enum Aftermath
{
    None = 0,
    Reboot = 1,
    Update = 2,

    /// <summary>The next Update carries the object list.</summary>
    AnnounceObjects = 4,

    /// <summary>The next Update carries the lifetime.</summary>
    AnnounceLifetime = 8,
}
