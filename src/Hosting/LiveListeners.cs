using Contracts.Configuration;

namespace Hosting;

/// <summary>Listeners come and go, and change, but for the keys of theirs that wait for the next start.</summary>
static class LiveListeners
{
    public static ListenersOptions Of(ListenersOptions old, ListenersOptions read) => read with
    {
        Udp = Of(old.Udp, read.Udp, (was, now) => now with
        {
            Authentication = was.Authentication,
            Mountpoint = was.Mountpoint,
            UdpOptions = was.UdpOptions with { Recbuf = now.UdpOptions.Recbuf, Sndbuf = now.UdpOptions.Sndbuf },
        }),
        Dtls = Of(old.Dtls, read.Dtls, (was, now) => now with
        {
            Authentication = was.Authentication,
            Mountpoint = was.Mountpoint,
            UdpOptions = was.UdpOptions with { Recbuf = now.UdpOptions.Recbuf, Sndbuf = now.UdpOptions.Sndbuf },
            Acceptors = was.Acceptors,
            DtlsOptions = was.DtlsOptions,
        }),
    };

    static Dictionary<string, T> Of<T>(IReadOnlyDictionary<string, T> old, IReadOnlyDictionary<string, T> read, Func<T, T, T> merge) =>
        read.ToDictionary(l => l.Key, l => old.TryGetValue(l.Key, out var was) ? merge(was, l.Value) : l.Value);
}
