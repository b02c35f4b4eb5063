using System.Globalization;
using System.Text;

namespace Tools.Load;

/// <summary>A run as a picture: rate, latency and CPU over its seconds. Readable in light and dark, alone and in a page.</summary>
static class SvgPicture
{
    /// <summary>Further lines begin with the first colour again.</summary>
    public const int Colours = 5;

    const double Head = 44;

    const string Style = """
        <style>
        svg { background: #fff; font: 12px system-ui, sans-serif; }
        text { fill: #444; } .head { font-size: 15px; fill: #111; } .title { font-weight: 600; fill: #222; }
        .grid { stroke: #ddd; fill: none; } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
        .l0 { stroke: #1463c4; } .l1 { stroke: #c4511a; } .l2 { stroke: #16804a; } .l3 { stroke: #8a3fb0; } .l4 { stroke: #8a6d00; }
        @media (prefers-color-scheme: dark) {
        svg { background: #16181d; } text { fill: #b6bcc6; } .head, .title { fill: #eef0f4; } .grid { stroke: #343943; }
        .l0 { stroke: #6aaefc; } .l1 { stroke: #ff9a66; } .l2 { stroke: #5fd39a; } .l3 { stroke: #d29bf0; } .l4 { stroke: #e3c64f; }
        }
        </style>

        """;

    public static string Of(LoadReport report)
    {
        var seconds = report.Samples.Count == 0 ? 0 : report.Samples[^1].Seconds;
        var plots = new List<SvgPlot>();

        var rates = Plot("notifications per second");
        rates.Add("wanted", Points(sample => sample.Wanted));
        rates.Add("acknowledged", Points(sample => sample.Acknowledged));
        rates.Add("on MQTT", Points(sample => sample.Delivered));
        var latency = Plot("datagram to acknowledgement, ms");
        latency.Add("p50", Points(sample => sample.P50));
        latency.Add("p99", Points(sample => sample.P99));
        var cpu = Plot("CPU, cores");
        foreach (var name in report.Samples.SelectMany(sample => sample.Processes).Select(process => process.Name).Distinct())
            cpu.Add(name, Points(sample => sample.Processes.FirstOrDefault(process => process.Name == name)?.Cores));

        var height = Head + plots.Count * SvgPlot.Height;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SvgPlot.Width} {height}\" width=\"{SvgPlot.Width}\" height=\"{height}\">\n");
        svg.Append(Style);
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"head\" x=\"20\" y=\"28\">{HeadOf(report)}</text>\n");
        foreach (var plot in plots)
            plot.WriteTo(svg);
        return svg.Append("</svg>\n").ToString();

        SvgPlot Plot(string title)
        {
            plots.Add(new SvgPlot(title, Head + plots.Count * SvgPlot.Height, seconds));
            return plots[^1];
        }

        IEnumerable<(double, double?)> Points(Func<LoadSample, double?> value) => report.Samples.Select(sample => (sample.Seconds, value(sample)));
    }

    static string HeadOf(LoadReport report)
    {
        var what = report.Mode switch
        {
            LoadMode.Closed => "closed loop",
            LoadMode.Ramp => string.Create(CultureInfo.InvariantCulture, $"ramp, {report.LastSustained:F0}/s sustained"),
            LoadMode.Registration => "registrations",
            _ => string.Create(CultureInfo.InvariantCulture, $"open loop, {report.NotificationsPerSecondWanted:F0}/s"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{report.Devices} devices, {what}, {report.Time:yyyy-MM-dd HH:mm} UTC{(report.Faults.Count == 0 ? "" : ", FAILED")}");
    }
}
