using System.Text;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>Devices whose DTLS others have written: OpenSSL, GnuTLS.</summary>
public sealed class IndependentClientTests(DtlsFixture gateway) : IClassFixture<DtlsFixture>
{
    [Theory]
    [InlineData("coap-client-openssl")]
    [InlineData("coap-client-gnutls")]
    public async Task Device_registers_updates_and_deregisters_each_time_from_another_port(string name)
    {
        var client = Client(name, "site-1", DtlsFixture.Key);
        var endpoint = $"site-1-{name}";
        var (code, location, output) = await client.RequestAsync("post", $"rd?ep={endpoint}&lt=300&lwm2m=1.0", "</1/0>,</3/0>");
        Assert.True(code == "2.01" && location.Length > 0, output);
        await gateway.Applications.ExpectAsync($"lwm2m/{endpoint}/up/register");
        (code, _, output) = await client.RequestAsync("post", $"rd/{location}?lt=600");
        Assert.True(code == "2.04", output);
        await gateway.Applications.ExpectAsync($"lwm2m/{endpoint}/up/update");

        // Another identity has no business with it, however it has come by the location.
        (code, _, output) = await Client(name, "piped", DtlsFixture.Key).RequestAsync("delete", $"rd/{location}");
        Assert.True(code == "4.03", output);
        (code, _, output) = await client.RequestAsync("delete", $"rd/{location}");
        Assert.True(code == "2.02", output);
    }

    [Theory]
    [InlineData("coap-client-openssl")]
    [InlineData("coap-client-gnutls")]
    public async Task Endpoint_of_another_identity_is_refused_and_a_wrong_key_gets_nowhere(string name)
    {
        var (code, _, output) = await Client(name, "site-1", DtlsFixture.Key).RequestAsync("post", "rd?ep=piped-x&lt=300&lwm2m=1.0", "</1/0>");
        Assert.True(code == "4.03", output);
        Assert.Equal("", (await Client(name, "site-1", "wrong").RequestAsync("post", "rd?ep=site-1-x&lt=300&lwm2m=1.0", "</1/0>")).Code);
        Assert.DoesNotContain(DtlsFixture.Key, gateway.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(DtlsFixture.Key)), gateway.Log, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("PSK-AES128-CCM8")]
    [InlineData("PSK-AES128-GCM-SHA256")]
    public async Task Device_is_read_written_and_observed(string cipher)
    {
        if (CommandLineClient.Find("openssl") is not { } program)
        {
            Assert.Skip("openssl is not installed (looked in PATH)");
            return;
        }

        using var session = new PipedSession(program, gateway.Secure, "piped", DtlsFixture.Key, cipher);
        using var words = new BareDevice(gateway.Coap, "piped-" + cipher);
        await session.SendAsync(words.RegisterRequest());
        words.Registered(await session.ExpectAsync());
        var prefix = $"lwm2m/{words.Endpoint}/";
        await gateway.Applications.ExpectAsync(prefix + "up/register");

        await gateway.Applications.SendAsync(prefix + "dn/cmd", """{"msgType":"read","data":{"path":"/3/0/0"}}""");
        await session.AnswerAsync("CON GET 11=3 11=0 11=0", Datagram.Content, "us");
        await gateway.Applications.ExpectAsync(
            prefix + "up/resp", """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"us"}],"reqPath":"/3/0/0"},"msgType":"read"}""");
        await gateway.Applications.SendAsync(prefix + "dn/cmd", """{"msgType":"write","data":{"path":"/3/0/14","type":"String","value":"+01"}}""");
        var write = await session.ExpectAsync();
        Assert.StartsWith("CON PUT 11=3 11=0 11=14", write.Said, StringComparison.Ordinal);
        await session.SendAsync(new Datagram { Type = MessageType.Acknowledgement, Code = Datagram.Changed, Id = write.Id, Token = write.Token });
        await gateway.Applications.ExpectAsync(prefix + "up/resp");

        await gateway.Applications.SendAsync(prefix + "dn/cmd", """{"msgType":"observe","data":{"path":"/3/0/0"}}""");
        var observe = await session.AnswerAsync("CON GET 6=0 11=3 11=0 11=0", Datagram.Content, "one", observe: 1);
        await gateway.Applications.ExpectAsync(prefix + "up/resp");
        var notification = words.Notification(observe.Token, "two", 2);
        await session.SendAsync(notification);
        var answer = await session.ExpectAsync();
        Assert.Equal((MessageType.Acknowledgement, notification.Id), (answer.Type, answer.Id));
        await gateway.Applications.ExpectAsync(prefix + "up/notify");

        await session.SendAsync(words.DeregisterRequest());
        Assert.Equal("ACK 2.02", (await session.ExpectAsync()).Said);
    }

    CommandLineClient Client(string name, string identity, string key)
    {
        var program = CommandLineClient.Find(name);
        if (program is null)
            Assert.Skip($"{name} is not installed (looked in PATH)");
        return new CommandLineClient(program!, gateway.Secure, "-u", identity, "-k", key);
    }
}
