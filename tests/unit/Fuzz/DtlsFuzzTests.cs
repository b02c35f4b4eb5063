using Pipeline.Tests.Dtls;

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
}
