namespace Tools.Simulation.Scenarios;

/// <summary>How a value moves.</summary>
enum SignalKind
{
    /// <summary>Around a mean, with a swing of a period and noise that fades slowly.</summary>
    Wave,

    /// <summary>By steps to and fro between two bounds.</summary>
    Walk,

    /// <summary>Only up, at a rate.</summary>
    Counter,

    /// <summary>One of some texts, changed now and then; false and true where none are given.</summary>
    Choice,
}
