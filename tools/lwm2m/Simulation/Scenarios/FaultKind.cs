namespace Tools.Simulation.Scenarios;

/// <summary>What is wrong with a device.</summary>
enum FaultKind
{
    /// <summary>The resource holds another value, such as a wrong unit.</summary>
    Value,

    /// <summary>A number is multiplied and shifted, as by a reading in another unit.</summary>
    Scale,

    /// <summary>The value is encoded as another data type than its definition has.</summary>
    Type,

    /// <summary>The value does not move any more.</summary>
    Stuck,

    /// <summary>The resource is not reported any more; the device lives on.</summary>
    Silent,
}
