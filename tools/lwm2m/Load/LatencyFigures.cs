namespace Tools.Load;

/// <summary>Percentiles in milliseconds.</summary>
sealed record LatencyFigures(long Count, double P50, double P90, double P99, double P999, double Max);
