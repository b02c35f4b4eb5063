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
        Line($"notifications   {report.NotificationsPerSecond:F0}/s acknowledged{Wanted(report)}, for {report.MeasuredSeconds:F1} s");
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
        Line($"{"CPU",-22}{"seconds",10}{"s/100 000",12}{"MiB",10}{"B/event",10}");
        foreach (var process in report.Processes)
            Line($"{process.Name,-22}{process.CpuSeconds,10:F2}{process.CpuSecondsPer100000Events,12:F2}{process.MemoryMiB,10:F0}{process.AllocatedBytesPerEvent,10:F0}");
        AddRamp();
        AddBaseline();
        Line($"");
        Line($"{(report.Faults.Count == 0 ? "all well" : "FAILED: " + string.Join("; ", report.Faults))}");
        return text.ToString();

        void AddRamp()
        {
            if (report.Ramp is not { } ramp)
                return;
            Line($"");
            foreach (var step in ramp)
                Line($"{step.Wanted,10:F0}/s  {step.Acknowledged,10:F0}/s acknowledged  p99 {step.Latency.P99,8:F1} ms  {(step.IsSustained ? "" : "not sustained")}");
            Line($"last sustained  {report.LastSustained:F0}/s{(ramp[^1].IsSustained ? " (and the ramp ended there)" : "")}");
        }

        void AddBaseline()
        {
            if (report.Baseline is not { } baseline)
                return;
            Line($"");
            Plain("UDP echo", baseline.Udp);
            Plain("Kafka producer", baseline.Kafka);
            foreach (var (name, ratio) in baseline.Ratios)
                Line($"{name,-32}{ratio,8:F2}");
        }

        void Plain(string name, BaselineFigures? figures)
        {
            if (figures is not null)
                Line($"plain {name,-16}{figures.PerSecond,10:F0}/s  p50 {figures.Latency.P50:F2} ms  p99 {figures.Latency.P99:F2} ms  CPU {figures.CpuMicrosecondsPerEvent:F1} us each");
        }

        void Latency(string name, LatencyFigures? figures)
        {
            if (figures is { Count: > 0 })
                Line($"{name,-22}{figures.Count,10}{figures.P50,10:F2}{figures.P90,10:F2}{figures.P99,10:F2}{figures.P999,10:F2}{figures.Max,10:F2}");
        }

        static FormattableString Wanted(LoadReport report) =>
            report.NotificationsPerSecondWanted is { } wanted && report.Mode == LoadMode.Open ? (FormattableString)$" of {wanted:F0}/s wanted" : $"";

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }
}
