using System.Globalization;
using System.Text;

namespace Tools.Load;

/// <summary>A report for people.</summary>
static class LoadReportText
{
    public static string Of(LoadReport report)
    {
        var text = new StringBuilder();
        Line($"");
        Line($"{report.Machine}");
        Line($"devices         {report.Registered} of {report.Devices} registered, {report.Observed} observed");
        Line($"notifications   {report.NotificationsPerSecond:F0}/s acknowledged of {report.NotificationsPerSecondWanted:F0}/s wanted, for {report.MeasuredSeconds:F1} s");
        Line($"updates         {report.UpdatesPerSecond:F0}/s");
        Line($"");
        Line($"{"latency, ms",-22}{"count",10}{"p50",10}{"p90",10}{"p99",10}{"p99.9",10}{"max",10}");
        Latency("register -> 2.01", report.RegisterLatency);
        Latency("notify -> ACK", report.NotificationLatency);
        Latency("update -> 2.04", report.UpdateLatency);
        Latency("notify -> MQTT", report.DeliveryLatency);
        Latency("command -> answer", report.CommandLatency);
        Line($"");
        Line($"sent {report.Sent}, acknowledged {report.Acknowledged}, on MQTT {report.Delivered}, lost {report.Lost}, again {report.Duplicates}, out of order {report.OutOfOrder}");
        Line($"retransmitted {report.Retransmissions}, timed out {report.TimedOut}, reset {report.Resets}, refused {report.Refused}");
        Line($"");
        Line($"{"CPU",-22}{"seconds",10}{"s/100 000",12}{"MiB",10}");
        foreach (var process in report.Processes)
            Line($"{process.Name,-22}{process.CpuSeconds,10:F2}{process.CpuSecondsPer100000Events,12:F2}{process.MemoryMiB,10:F0}");
        Line($"");
        Line($"{(report.Faults.Count == 0 ? "all well" : "FAILED: " + string.Join("; ", report.Faults))}");
        return text.ToString();

        void Latency(string name, LatencyFigures? figures)
        {
            if (figures is { Count: > 0 })
                Line($"{name,-22}{figures.Count,10}{figures.P50,10:F2}{figures.P90,10:F2}{figures.P99,10:F2}{figures.P999,10:F2}{figures.Max,10:F2}");
        }

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }
}
