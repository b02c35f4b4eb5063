using System.Diagnostics.Metrics;
using Ingress.Sockets;

namespace Ingress.Service;

/// <summary>The traffic of each listener, for <c>enable_stats</c>.</summary>
static class ListenerMetrics
{
    public static void Observe(Meter meter, Func<IEnumerable<UdpListener>> listeners)
    {
        void Counter(string name, string? unit, string description, Func<Traffic, long> value) => meter.CreateObservableCounter(
            name, () => listeners().Select(l => new Measurement<long>(value(l.Traffic), new KeyValuePair<string, object?>("listener", l.Name))), unit, description);

        Counter("received", "By", "Bytes received, by listener.", t => t.ReceivedBytes);
        Counter("received_datagrams", null, "Datagrams received, by listener.", t => t.ReceivedDatagrams);
        Counter("sent", "By", "Bytes sent, by listener.", t => t.SentBytes);
        Counter("sent_datagrams", null, "Datagrams sent, by listener.", t => t.SentDatagrams);
    }
}
