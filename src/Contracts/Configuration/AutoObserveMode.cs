namespace Contracts.Configuration;

/// <summary>What is observed when a device registers.</summary>
public enum AutoObserveMode
{
    Off,

    /// <summary>Every entry of the device's object list except those of objects that EMQX leaves out.</summary>
    All,

    /// <summary>The configured paths that the device lists.</summary>
    Paths,
}
