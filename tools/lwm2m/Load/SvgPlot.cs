using System.Globalization;
using System.Text;

namespace Tools.Load;

/// <summary>One diagram of lines over time, as SVG. Colours come from classes, which the whole picture defines.</summary>
/// <param name="title">What is shown, with its unit.</param>
/// <param name="top">Where it stands in the picture.</param>
/// <param name="seconds">Length of the time axis.</param>
sealed class SvgPlot(string title, double top, double seconds)
{
    public const double Width = 860;
    public const double Height = 220;

    const double Left = 70;
    const double Right = 840;
    const double Upper = 40;
    const double Lower = 190;
    const int MostTicks = 8;

    readonly List<(string Name, IReadOnlyList<(double Seconds, double? Value)> Points)> _lines = [];

    public void Add(string name, IEnumerable<(double Seconds, double? Value)> points)
    {
        var line = points.ToList();
        if (line.Exists(point => point.Value is not null))
            _lines.Add((name, line));
    }

    public void WriteTo(StringBuilder svg)
    {
        var largest = _lines.SelectMany(line => line.Points).Max(point => point.Value) ?? 0;
        var step = StepOf(largest);
        var ceiling = Math.Max(step, Math.Ceiling(largest / step) * step);
        Write($"<g transform=\"translate(0 {top})\">\n<text class=\"title\" x=\"{Left}\" y=\"20\">{Escape(title)}</text>\n");
        for (var tick = 0.0; tick <= ceiling * 1.001; tick += step)
            Write($"<path class=\"grid\" d=\"M{Left} {Y(tick):F1}H{Right}\"/><text class=\"tick\" x=\"{Left - 8}\" y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\">{tick:G5}</text>\n");
        var pause = StepOf(seconds);
        for (var tick = 0.0; tick <= seconds * 1.001; tick += pause)
            Write($"<text class=\"tick\" x=\"{X(tick):F1}\" y=\"{Lower + 18}\" text-anchor=\"middle\">{tick:G5} s</text>\n");
        var legend = Right;
        for (var i = _lines.Count - 1; i >= 0; i--)
        {
            legend -= 24 + 7.2 * _lines[i].Name.Length;
            Write($"<path class=\"line l{i % SvgPicture.Colours}\" d=\"M{legend:F1} 16h14\"/><text class=\"tick\" x=\"{legend + 18:F1}\" y=\"20\">{Escape(_lines[i].Name)}</text>\n");
            Path(i);
        }
        svg.Append("</g>\n");

        void Path(int line)
        {
            var path = new StringBuilder();
            var isDown = false;
            foreach (var (at, value) in _lines[line].Points)
            {
                if (value is { } number)
                    path.Append(CultureInfo.InvariantCulture, $"{(isDown ? 'L' : 'M')}{X(at):F1} {Y(number):F1}");
                isDown = value is not null;
            }
            Write($"<path class=\"line l{line % SvgPicture.Colours}\" d=\"{path}\"/>\n");
        }

        double X(double at) => Left + (Right - Left) * (seconds > 0 ? at / seconds : 0);

        double Y(double value) => Lower - (Lower - Upper) * value / ceiling;

        void Write(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));
    }

    // 1, 2 or 5 times a power of ten, so that there are at most so many ticks.
    static double StepOf(double largest)
    {
        if (largest <= 0 || !double.IsFinite(largest))
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(largest / MostTicks)));
        return new[] { 1.0, 2, 5, 10 }.Select(digit => digit * power).First(step => largest / step <= MostTicks);
    }

    static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
