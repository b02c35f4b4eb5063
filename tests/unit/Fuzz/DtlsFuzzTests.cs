using Pipeline.Tests.Dtls;
using Protocol.Dtls;

namespace Pipeline.Tests.Fuzz;

public sealed class DtlsFuzzTests
{
    /// <summary>Whatever strangers send, and whatever comes to a session from its address, nothing is thrown and the session lives.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Server_TakesAnyDatagram(bool hasSpoken, bool hasId)
    {
        using var server = new DtlsUnderTest { Echoes = false };
        var device = await server.ConnectedAsync(hasId ? server.ClientWithId(1) : server.Client(1));
        if (hasSpoken)
            device.Say("hello");
        var corpus = device.Sent.ToArray();
        SpinWait.SpinUntil(() => server.Server.Handshakes == 0);
        var session = server.Server.Find(1);
        FuzzLoop.Run(
            input =>
            {
                server.Receive(2, input.ToArray());
                server.Receive(1, input.ToArray());
                if (server.Server.Handshakes > 0)
                    throw new InvalidOperationException("a handshake without a cookie of its own");
                // What the server tells its host is kept for tests that look at it.
                server.Drops.Clear();
                server.Sent.Clear();
                server.Heard.Clear();
            },
            corpus);
        Assert.Same(session, server.Server.Find(1));
        Assert.False(session!.IsEnded);
        Assert.Empty(server.Moves);
    }

    /// <summary>Whatever is made of records: nothing is thrown, and only what was not changed is opened.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Protection_OpensOnlyWhatIsAuthentic(bool hasId)
    {
        byte[] keyBlock = [.. new byte[16], .. new byte[16], 1, 2, 3, 4, 1, 2, 3, 4];
        byte[] id = hasId ? [1, 2, 3, 4, 5, 6] : [];
        using var protection = new Ccm8Protection(keyBlock, id);
        byte[][] corpus = [.. new[] { 0, 1, 16, 100 }.Select(Record)];
        var content = new byte[4096];
        var opened = 0;
        FuzzLoop.Run(
            input =>
            {
                var rest = input;
                while (RecordHeader.TryNext(ref rest, out var record))
                {
                    if (!protection.TryOpen(record, content, out _, out var length))
                        continue;
                    opened++;
                    var bytes = record.Head.ToArray().Concat(record.Fragment.ToArray()).ToArray();
                    if (!corpus.Any(c => c.AsSpan().SequenceEqual(bytes)) || length > bytes.Length)
                        throw new InvalidOperationException("a record that nobody has made was opened");
                }
            },
            corpus);
        // What was put behind a whole record leaves that as it is.
        Assert.True(opened > 0);

        byte[] Record(int length)
        {
            var record = new byte[length + protection.Overhead];
            return record[..protection.Protect(RecordHeader.FirstProtected + (uint)length, RecordHeader.ApplicationData, new byte[length], record)];
        }
    }
}
