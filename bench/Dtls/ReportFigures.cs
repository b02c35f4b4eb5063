namespace Pipeline.Bench.Dtls;

/// <summary>What became of reports.</summary>
sealed class ReportFigures
{
    public long Sent { get; set; }

    public long Repeated { get; set; }

    /// <summary>Of each that was acknowledged, from its first sending on, in ms.</summary>
    public List<double> Latencies { get; } = [];

    public static ReportFigures Sum(IEnumerable<ReportFigures> parts)
    {
        var sum = new ReportFigures();
        foreach (var part in parts)
        {
            sum.Sent += part.Sent;
            sum.Repeated += part.Repeated;
            sum.Latencies.AddRange(part.Latencies);
        }

        sum.Latencies.Sort();
        return sum;
    }

    public double Quantile(double share) => Latencies.Count == 0 ? double.NaN : Latencies[(int)(share * (Latencies.Count - 1))];
}
