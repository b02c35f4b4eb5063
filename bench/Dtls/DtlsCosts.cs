using System.Diagnostics;
using System.Security.Cryptography;
using Protocol.Dtls;

namespace Pipeline.Bench.Dtls;

/// <summary>
/// What DTLS costs the server: handshakes, records, datagrams of strangers, and sessions that are idle. Devices are in this process; what their
/// threads use is taken off, what the garbage collector uses is not.
/// </summary>
static class DtlsCosts
{
    const int Ccm8 = 0xC0A8;
    const int Gcm = 0x00A8;
    const int Bytes = 100;
    const int Rounds = 5;

    public static void Run(int sessions)
    {
        Handshakes("PSK, AES_128_CCM_8", usesKey: true, 20_000);
        Handshakes("ECDHE_ECDSA on P-256, certificate of the server", usesKey: false, 2000);
        Records("AES_128_CCM_8", Ccm8, 100_000);
        Records("AES_128_GCM_SHA256", Gcm, 100_000);
        Idle(sessions);
    }

    static void Handshakes(string what, bool usesKey, int count)
    {
        using var server = new BenchServer();
        Connect(server, usesKey, 0, count / 2);
        var watch = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        var ofDevices = Connect(server, usesKey, count, count);
        var cpu = (Environment.CpuUsage.TotalTime - before - ofDevices) / count;
        Say($"handshake, {what}: {cpu.TotalMilliseconds:N3} ms of CPU, {1 / cpu.TotalSeconds:N0}/s per core; {count / watch.Elapsed.TotalSeconds:N0}/s here with the devices beside");
    }

    static void Records(string what, int suite, int count)
    {
        using var server = new BenchServer();
        var device = server.Connect(0, usesKey: true, suite);
        var from = BenchServer.Address(0);
        SpinWait.SpinUntil(() => server.Server.Handshakes == 0);
        var session = server.Server.Find(from)!;
        var content = RandomNumberGenerator.GetBytes(Bytes);
        var records = new List<byte[]>();
        device.Network = records.Add;
        Best($"{what}, {Bytes} bytes: open", count, Make, i => server.Server.Receive(from, records[i]));
        if (server.Heard != count * Rounds)
            throw new InvalidOperationException($"{server.Heard} records were opened");
        Best($"{what}, {Bytes} bytes: protect and send", count, () => { }, _ => session.TrySend(content));
        Best($"{what}: a record that comes again", count, () => { }, i => server.Server.Receive(from, records[i]));
        Make();
        foreach (var record in records)
            record[^1] ^= 1;
        Best($"{what}: a forged record of a live session", count / 10, () => { }, i => server.Server.Receive(from, records[i]));
        var unknown = records[0].ToArray();
        unknown[^(Bytes + 20)] ^= 1;
        unknown[13] ^= 1;
        Best("record with an id that nobody has", count, () => { }, _ => server.Server.Receive(from, unknown));
        byte[] noise = [.. RandomNumberGenerator.GetBytes(Bytes)];
        noise[0] = 0;
        Best("noise", count, () => { }, _ => server.Server.Receive(from, noise));
        var hello = Hello();
        var stranger = BenchServer.Address(1);
        Best("ClientHello without a cookie, answered with one", count / 10, () => { }, _ => server.Server.Receive(stranger, hello));

        void Make()
        {
            records.Clear();
            for (var i = 0; i < count; i++)
                device.Say(content);
        }
    }

    static void Idle(int sessions)
    {
        using var server = new BenchServer();
        Connect(server, usesKey: true, 0, 1000);
        var before = Memory.Now();
        Connect(server, usesKey: true, 1000, sessions);
        SpinWait.SpinUntil(() => server.Server.Handshakes == 0);
        var cost = Memory.Now() - before;
        Say($"{server.Server.Sessions - 1000:N0} sessions with connection ids, idle: {(double)cost.Heap / sessions:N0} B of managed heap, {(double)cost.Resident / sessions:N0} B of RSS each");
        GC.KeepAlive(server);
    }

    // Returns what the threads of the devices have used.
    static TimeSpan Connect(BenchServer server, bool usesKey, int first, int count)
    {
        const int Threads = 8;
        var next = first - 1;
        var used = 0L;
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (var number = Interlocked.Increment(ref next); number < first + count; number = Interlocked.Increment(ref next))
                server.Connect(number, usesKey);
            Interlocked.Add(ref used, ThreadTime.Used.Ticks);
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return TimeSpan.FromTicks(used);
    }

    /// <summary>One without a cookie.</summary>
    public static byte[] Hello()
    {
        byte[]? hello = null;
        var device = new BenchDevice(datagram =>
        {
            hello ??= datagram;
            throw new InvalidOperationException("that is all");
        });
        try
        {
            device.Connect(BenchDevice.WithKey("stranger", [1, 2, 3], Ccm8));
        }
        catch (Exception) when (hello is not null)
        {
            // As was meant.
        }

        return hello!;
    }

    // The quickest of some rounds: what the machine does beside is no cost of ours.
    static void Best(string what, int count, Action prepare, Action<int> once)
    {
        var best = TimeSpan.MaxValue;
        var allocated = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            prepare();
            var before = ThreadTime.Used;
            allocated = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < count; i++)
                once(i);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            var used = ThreadTime.Used - before;
            best = used < best ? used : best;
        }

        Say($"{what}: {best.TotalMicroseconds / count:N2} us, {count / best.TotalSeconds:N0}/s per core, {allocated / count} B allocated");
    }

    static void Say(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
