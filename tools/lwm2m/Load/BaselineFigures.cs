namespace Tools.Load;

/// <summary>One plain thing under load.</summary>
/// <param name="PerSecond">Answered, per second.</param>
/// <param name="Latency">From sending to its answer.</param>
/// <param name="CpuMicrosecondsPerEvent">Of the echo's thread, or of this whole process with Kafka's producer; null where the system does not tell.</param>
sealed record BaselineFigures(double PerSecond, LatencyFigures Latency, double? CpuMicrosecondsPerEvent);
