namespace Tools.Load;

/// <summary>What a difference between two runs means.</summary>
enum LoadVerdict
{
    /// <summary>Within the noise of the two runs.</summary>
    Same,
    Better,
    Worse,
}
