using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Pipeline.Bench.Dtls;

/// <summary>
/// What DTLS costs a running Ingress (bench/dtls-pipeline starts one): the same reports over plain CoAP and over DTLS, through to Kafka, and
/// over DTLS while a flood comes.
/// </summary>
static partial class DtlsPipeline
{
    const int Seconds = 20;
    const int ReportsOfFlooded = 1000;
    const int Garbage = 50_000;

    static readonly HttpClient Http = new();

    public static async Task RunAsync(IPEndPoint plain, IPEndPoint secure, int ingress, Uri metrics, byte[] key, int devices, double rate)
    {
        using var overUdp = new ReportingFleet(plain, devices, null);
        using var overDtls = new ReportingFleet(secure, devices, key);
        // Once for what is compiled while it runs.
        overUdp.Run(rate, TimeSpan.FromSeconds(Seconds / 2));
        overDtls.Run(rate, TimeSpan.FromSeconds(Seconds / 2));
        var (udp, dtls) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < 3; round++)
        {
            udp = Math.Min(udp, Measure("plain CoAP", overUdp, rate, ingress));
            dtls = Math.Min(dtls, Measure("DTLS, CCM_8", overDtls, rate, ingress));
        }

        Say($"a core takes over DTLS {udp / dtls:P0} of what it takes over plain CoAP (the best of the rounds)");
        Measure("DTLS, no flood", overDtls, ReportsOfFlooded, ingress);
        var before = await DroppedAsync(metrics);
        var sent = 0L;
        using (var flood = new Flood(secure, Garbage, overDtls.Datagrams))
        {
            Measure($"DTLS, {Garbage:N0} datagrams of garbage a second", overDtls, ReportsOfFlooded, ingress);
            sent = flood.Sent;
        }

        Say($"{sent:N0} datagrams of garbage in {Seconds} s and a little, on which Ingress was asked for:");
        foreach (var (what, count) in await DroppedAsync(metrics))
            Say($"  {what}: {count - before.GetValueOrDefault(what):N0}");
    }

    // Returns CPU of Ingress for one report, in us.
    static double Measure(string what, ReportingFleet fleet, double rate, int ingress)
    {
        using var process = Process.GetProcessById(ingress);
        var (cpu, watch) = (process.TotalProcessorTime, Stopwatch.StartNew());
        var figures = fleet.Run(rate, TimeSpan.FromSeconds(Seconds));
        process.Refresh();
        var used = process.TotalProcessorTime - cpu;
        var each = used.TotalMicroseconds / Math.Max(1, figures.Latencies.Count);
        Say($"{what}: {figures.Sent:N0} reports, {figures.Latencies.Count:N0} acknowledged, {figures.Repeated:N0} sent again, in {figures.Quantile(0.5):N1} ms (p50), {figures.Quantile(0.99):N1} ms (p99); Ingress used {used / watch.Elapsed:P1} of a core, {each:N1} us a report");
        if (figures.Latencies.Count != figures.Sent)
            throw new InvalidOperationException("reports were lost");
        return each;
    }

    static async Task<Dictionary<string, double>> DroppedAsync(Uri metrics)
    {
        var text = await Http.GetStringAsync(metrics);
        return Dropped().Matches(text)
            .GroupBy(m => m.Groups["what"].Value)
            .ToDictionary(g => g.Key, g => g.Sum(m => double.Parse(m.Groups["count"].Value, CultureInfo.InvariantCulture)));
    }

    static void Say(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));

    [GeneratedRegex("""^lwm2m_ingress_dtls_(?<what>(?:dropped|handshakes|revoked)_total\S*?) (?<count>[0-9.eE+]+)""", RegexOptions.Multiline)]
    private static partial Regex Dropped();
}
