namespace Tools.Load;

/// <summary>What the generator is doing.</summary>
enum LoadPhase
{
    /// <summary>Registers its devices and waits until all are observed.</summary>
    Registering,

    /// <summary>Sends notifications and updates.</summary>
    Sending,

    /// <summary>Sends nothing new, finishes what is outstanding, and answers.</summary>
    Idle,
    Deregistering,
    Ended,
}
