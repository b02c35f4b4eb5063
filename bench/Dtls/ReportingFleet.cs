using System.Diagnostics;
using System.Net;

namespace Pipeline.Bench.Dtls;

/// <summary>Devices that report at a rate, evenly spread, on a few threads of this process.</summary>
sealed class ReportingFleet : IDisposable
{
    const int Threads = 4;

    readonly List<ReportingDevice>[] _devices = [.. Enumerable.Range(0, Threads).Select(_ => new List<ReportingDevice>())];

    /// <summary>Registers them, and waits until all are observed.</summary>
    /// <param name="gateway">Their listener.</param>
    /// <param name="count">How many.</param>
    /// <param name="key">Null for plain CoAP.</param>
    public ReportingFleet(IPEndPoint gateway, int count, byte[]? key)
    {
        Each(thread =>
        {
            for (var number = thread; number < count; number += Threads)
            {
                var device = new ReportingDevice(number, gateway);
                _devices[thread].Add(device);
                device.Start(key);
            }
        });
    }

    /// <summary>Datagrams as devices have sent them.</summary>
    public IReadOnlyList<byte[]> Datagrams => [.. _devices.SelectMany(d => d).Select(d => d.LastDatagram)];

    /// <summary>Reports for a while, and then until all is acknowledged that will be.</summary>
    /// <param name="rate">Reports of all devices, each second.</param>
    /// <param name="duration">For how long.</param>
    public ReportFigures Run(double rate, TimeSpan duration)
    {
        var figures = new ReportFigures[Threads];
        var all = _devices.Sum(d => d.Count);
        Each(thread => figures[thread] = Report(_devices[thread], TimeSpan.FromSeconds(all / rate), duration));
        return ReportFigures.Sum(figures);
    }

    public void Dispose()
    {
        foreach (var device in _devices.SelectMany(d => d))
            device.Dispose();
    }

    static ReportFigures Report(List<ReportingDevice> devices, TimeSpan period, TimeSpan duration)
    {
        var figures = new ReportFigures();
        var started = Stopwatch.GetTimestamp();
        var due = devices.Select((_, i) => period * i / devices.Count).ToArray();
        var ends = duration + TimeSpan.FromSeconds(30);
        while (Stopwatch.GetElapsedTime(started) is var now && now < ends)
        {
            for (var i = 0; i < devices.Count; i++)
            {
                var device = devices[i];
                if (device.Hear(out var latency))
                    figures.Latencies.Add(latency.TotalMilliseconds);
                if (device.Repeat())
                    figures.Repeated++;
                if (now < due[i] || device.IsWaiting || now >= duration)
                    continue;
                due[i] += period;
                figures.Sent++;
                device.Report();
            }

            if (now >= duration && !devices.Exists(d => d.IsWaiting))
                break;
            Thread.Sleep(1);
        }

        return figures;
    }

    static void Each(Action<int> work)
    {
        Exception? failure = null;
        var threads = Enumerable.Range(0, Threads).Select(i => new Thread(() =>
        {
            try
            {
                work(i);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        if (failure is not null)
            throw new InvalidOperationException(failure.Message, failure);
    }
}
