namespace Tools.Load;

/// <summary>One figure in two runs.</summary>
/// <param name="Name">Of the figure.</param>
/// <param name="Before">In the first run.</param>
/// <param name="After">In the second run.</param>
/// <param name="Ratio">Second to first.</param>
/// <param name="Noise">How far the ratio may be from 1 without meaning anything.</param>
/// <param name="Verdict">What it means.</param>
sealed record LoadChange(string Name, double Before, double After, double Ratio, double Noise, LoadVerdict Verdict);
