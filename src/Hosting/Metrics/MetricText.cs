using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Hosting.Metrics;

/// <summary>Instruments in the text format of Prometheus, version 0.0.4.</summary>
internal static class MetricText
{
    /// <summary>Meter "lwm2m.ingress", counter "datagrams": <c>lwm2m_ingress_datagrams_total</c>. Names with dots stand for themselves.</summary>
    public static string NameOf(Instrument instrument, MetricKind kind)
    {
        var name = instrument.Name.Contains('.') ? instrument.Name : $"{instrument.Meter.Name}.{instrument.Name}";
        var text = new StringBuilder();
        foreach (var c in name)
            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        if (char.IsAsciiDigit(text[0]))
            text.Insert(0, '_');
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!text.ToString().EndsWith(unit, StringComparison.Ordinal))
            text.Append(unit);
        return kind == MetricKind.Counter ? text.Append("_total").ToString() : text.ToString();
    }

    public static void Write(StringBuilder text, MetricInstrument instrument)
    {
        var series = instrument.Series.Where(s => s.Observed).ToList();
        if (series.Count == 0)
        {
            // Whoever asks for its rate is to find 0, not nothing; and sees the first count as a rise.
            if (instrument is { Kind: MetricKind.Counter, Instrument.IsObservable: false })
                Write(text, instrument.Name, MetricKind.Counter, instrument.Instrument.Description ?? "", 0);
            return;
        }

        Head(text, instrument.Name, instrument.Instrument.Description, instrument.Kind);
        foreach (var one in series)
        {
            if (instrument.Kind != MetricKind.Histogram)
            {
                Line(text, instrument.Name, one.Tags, null, one.Value);
                continue;
            }

            var cumulated = one.Cumulated();
            for (var i = 0; i < instrument.Bounds.Length; i++)
                Line(text, instrument.Name + "_bucket", one.Tags, Number(instrument.Bounds[i]), cumulated[i]);
            Line(text, instrument.Name + "_bucket", one.Tags, "+Inf", cumulated[^1]);
            Line(text, instrument.Name + "_sum", one.Tags, null, one.Value);
            Line(text, instrument.Name + "_count", one.Tags, null, cumulated[^1]);
        }
    }

    public static void Write(StringBuilder text, string name, MetricKind kind, string doc, double value)
    {
        Head(text, name, doc, kind);
        Line(text, name, [], null, value);
    }

    static void Head(StringBuilder text, string name, string? doc, MetricKind kind)
    {
        if (!string.IsNullOrEmpty(doc))
            text.Append("# HELP ").Append(name).Append(' ').Append(Escaped(doc, quotes: false)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        }).Append('\n');
    }

    static void Line(StringBuilder text, string name, IReadOnlyList<KeyValuePair<string, object?>> tags, string? le, double value)
    {
        text.Append(name);
        if (tags.Count > 0 || le is not null)
        {
            text.Append('{');
            foreach (var (key, tag) in tags)
            {
                foreach (var c in key)
                    text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
                text.Append("=\"").Append(Escaped(Convert.ToString(tag, CultureInfo.InvariantCulture) ?? "", quotes: true)).Append("\",");
            }

            if (le is null)
                text.Length--;
            else
                text.Append("le=\"").Append(le).Append('"');
            text.Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    static string Escaped(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }
}
