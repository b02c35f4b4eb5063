using Pipeline.Tests.Dtls;
using Protocol.Dtls;
using Tools.Dtls;
using Tools.Simulation;

namespace Pipeline.Tests.Tools.Dtls;

/// <summary>Stories of a device of the simulator and the server that it is for, whose handshakes are made by another hand.</summary>
public sealed class DtlsLinkTests : IDisposable
{
    const byte WithId = 25;

    readonly DtlsUnderTest _server = new();

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void First_message_makes_a_handshake_and_arrives_behind_it(bool usesId)
    {
        var device = new LinkUnderTest(_server, 1, usesId: usesId);
        device.Say("hello");
        device.Say("hello");
        device.Say("and more");
        device.Until(() => device.Heard.Count == 2);
        Assert.Equal(["echo hello", "echo and more"], device.Heard);
        Assert.Equal([null], device.Handshakes);
        Assert.Equal(usesId ? WithId : 23, device.Sent[^1][0]);
        Assert.Equal("TLS_PSK_WITH_AES_128_CCM_8", Assert.Single(_server.Results).Cipher);
        Assert.Equal(long.MaxValue, device.Link.NextDeadline);
    }

    [Fact]
    public void Server_that_would_rather_have_gcm_gets_it()
    {
        _server.Server.Settings = _server.Server.Settings with { CipherSuites = [Protocol.Dtls.CipherSuite.PskGcm] };
        var device = new LinkUnderTest(_server, 1);
        device.Say("hello");
        device.Until(() => device.Heard.Count == 1);
        Assert.Equal("TLS_PSK_WITH_AES_128_GCM_SHA256", Assert.Single(_server.Results).Cipher);
    }

    [Fact]
    public void Device_with_an_id_goes_on_at_another_address_with_the_same_session()
    {
        var device = new LinkUnderTest(_server, 1);
        device.Say("here");
        device.Until(() => device.Heard.Count == 1);
        device.Carry(2);
        device.Say("there");
        device.Until(() => device.Heard.Count == 2);
        Assert.Equal("echo there", device.Heard[^1]);
        Assert.Single(_server.Moves);
        Assert.Single(_server.Results);
    }

    [Fact]
    public void Stranger_and_wrong_key_hear_why_and_may_try_again()
    {
        var stranger = new LinkUnderTest(_server, 1, "stranger");
        stranger.Say("hello");
        stranger.Until(() => stranger.Handshakes.Count == 1);
        Assert.Equal(["unknown_psk_identity"], stranger.Handshakes);

        var device = new LinkUnderTest(_server, 2, key: [9, 9]);
        device.Say("hello");
        device.Until(() => device.Handshakes.Count == 1);
        Assert.Equal(["decrypt_error"], device.Handshakes);

        _server.Keys["dev-1"] = [9, 9];
        device.Say("hello again");
        device.Until(() => device.Heard.Count == 1);
        Assert.Equal(["echo hello again"], device.Heard);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Flight_that_is_lost_is_said_again(int lost)
    {
        var device = new LinkUnderTest(_server, 1);
        device.Leaves = _ => device.Sent.Count - 1 != lost;
        device.Say("hello");
        device.Until(() => device.Sent.Count == lost + 1);
        Assert.Equal(2_000, device.Link.NextDeadline);
        device.Poll();
        device.Until(() => device.Heard.Count == 1);
        Assert.Equal([null], device.Handshakes);
        Assert.Single(_server.Results);
    }

    [Fact]
    public void Last_flight_of_the_server_is_lost_and_it_says_it_again_when_it_is_asked()
    {
        var device = new LinkUnderTest(_server, 1);
        // A protected record of a server that has said nothing yet but Finished.
        var isLost = false;
        _server.Arrives = datagram => isLost || !(isLost = datagram[0] == 22 && datagram[4] == 1);
        device.Say("hello");
        device.Until(() => device.Sent.Count == 3);
        while (!isLost || _server.Server.Sessions == 0)
            Thread.Yield();
        device.Poll();
        device.Until(() => device.Heard.Count == 1);
        Assert.Single(_server.Results);
    }

    [Fact]
    public void Nobody_there_is_a_failure_after_a_minute()
    {
        var device = new LinkUnderTest(_server, 1) { Leaves = _ => false };
        device.Say("hello");
        var times = new List<long>();
        while (device.Handshakes.Count == 0)
        {
            times.Add(device.Link.NextDeadline);
            device.Poll();
        }

        Assert.Equal(["no answer"], device.Handshakes);
        Assert.Equal([2_000, 6_000, 14_000, 30_000, 60_000], times);
    }

    [Fact]
    public void Server_ends_the_session_and_the_next_word_makes_another_one()
    {
        var device = new LinkUnderTest(_server, 1);
        device.Say("one");
        device.Until(() => device.Heard.Count == 1);
        _server.Server.End(_server.Server.Find(1)!);
        device.Until(() => device.Ends == 1);
        device.Say("two");
        device.Until(() => device.Heard.Count == 2);
        Assert.Equal(2, _server.Results.Count);
    }

    [Fact]
    public void Farewell_ends_the_session_of_the_server()
    {
        var device = new LinkUnderTest(_server, 1);
        device.Say("one");
        device.Until(() => device.Heard.Count == 1);
        device.Link.Close();
        Assert.Equal(0, _server.Server.Sessions);
        Assert.Contains((false, "close_notify"), _server.Alerts);
    }

    [Fact]
    public void Same_seed_says_the_same_hello()
    {
        byte[] Hello(ulong seed)
        {
            var device = new LinkUnderTest(_server, 1, seed: seed) { Leaves = _ => false };
            device.Say("x");
            return device.Sent[0];
        }

        Assert.Equal(Hello(7), Hello(7));
        Assert.NotEqual(Hello(7), Hello(8));
    }

    [Fact]
    public void Record_that_was_taken_is_not_taken_again_and_noise_changes_nothing()
    {
        var device = new LinkUnderTest(_server, 1);
        var random = new SeededRandom(3);
        device.Say("one");
        device.Until(() => device.Heard.Count == 1);
        var answers = _server.Sent.Select(s => s.Datagram).ToArray();
        foreach (var answer in answers)
            device.Take(answer);
        for (var i = 0; i < 20_000; i++)
        {
            var noise = answers[random.Next(answers.Length)].ToArray();
            noise[random.Next(noise.Length)] ^= (byte)(1 + random.Next(255));
            device.Take(noise[..random.Next(noise.Length + 1)]);
        }

        Assert.Equal(["echo one"], device.Heard);
        device.Say("two");
        device.Until(() => device.Heard.Count == 2);
    }

    [Fact]
    public void Noise_in_a_handshake_ends_nothing_but_that_handshake()
    {
        var random = new SeededRandom(4);
        var template = new LinkUnderTest(_server, 1);
        template.Say("one");
        template.Until(() => template.Heard.Count == 1);
        var answers = _server.Sent.Select(s => s.Datagram).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var device = new LinkUnderTest(_server, 2, seed: 2) { Leaves = _ => false };
            device.Say("hello");
            foreach (var answer in answers)
            {
                var noise = answer.ToArray();
                noise[random.Next(noise.Length)] ^= (byte)(1 + random.Next(255));
                device.Take(random.Next(2) == 0 ? noise : answer);
            }

            Assert.DoesNotContain(null, device.Handshakes);
            Assert.Empty(device.Heard);
        }
    }
}
