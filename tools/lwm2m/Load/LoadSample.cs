namespace Tools.Load;

/// <summary>One second or so of a run.</summary>
/// <param name="Seconds">Its end, since the start of the measurement.</param>
/// <param name="Wanted">Notifications per second that were due; null in a closed loop.</param>
/// <param name="Acknowledged">Per second.</param>
/// <param name="Delivered">MQTT messages per second; null without MQTT.</param>
/// <param name="P50">Of the notifications acknowledged meanwhile, in milliseconds; null where there was none.</param>
/// <param name="P99">Likewise.</param>
/// <param name="Outstanding">Messages that wait for their acknowledgement at its end.</param>
/// <param name="Processes">What each process used meanwhile.</param>
sealed record LoadSample(
    double Seconds, double? Wanted, double Acknowledged, double? Delivered, double? P50, double? P99, int Outstanding, IReadOnlyList<ProcessSample> Processes);
