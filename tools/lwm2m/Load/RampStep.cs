namespace Tools.Load;

/// <summary>One rate of a ramp and what came of it.</summary>
sealed record RampStep(double Wanted, double Acknowledged, LatencyFigures Latency, bool IsSustained);
