using System.Security.Cryptography.X509Certificates;
using Pipeline.Tests.Dtls;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>Devices with certificates and raw public keys whose DTLS others have written: OpenSSL, GnuTLS.</summary>
public sealed class IndependentCertificateTests(CertificateFixture gateway) : IClassFixture<CertificateFixture>
{
    const string OpenSsl = "coap-client-openssl";
    const string GnuTls = "coap-client-gnutls";

    [Theory]
    [InlineData(OpenSsl)]
    [InlineData(GnuTls)]
    public async Task Device_with_a_certificate_registers_updates_and_deregisters(string name)
    {
        var endpoint = "certified-" + name;
        await LivesAsync(Client(name, gateway.Authority.Issue("CN=" + endpoint)), endpoint);
    }

    [Fact]
    public Task Device_with_a_raw_public_key_registers_updates_and_deregisters() => LivesAsync(Client(GnuTls, "-M", gateway.RawKeyFile, "-n"), "raw-1");

    [Theory]
    [InlineData(OpenSsl)]
    [InlineData(GnuTls)]
    public async Task Who_does_not_count_gets_nowhere(string name)
    {
        const string Register = "rd?ep=certified&lt=300&lwm2m=1.0";
        var (code, _, output) = await Client(name, gateway.Authority.Issue("CN=other")).RequestAsync("post", Register, "</1/0>");
        Assert.True(code == "4.03", output);
        Assert.Equal("", (await Client(name, new TestAuthority("authority").Issue("CN=certified")).RequestAsync("post", Register, "</1/0>")).Code);
        Assert.Equal("", (await Client(name, gateway.Authority.Issue("CN=certified", until: DateTimeOffset.UtcNow.AddDays(-1))).RequestAsync("post", Register, "</1/0>")).Code);
        (code, _, output) = await Client(name, gateway.Authority.Issue("CN=certified")).RequestAsync("post", Register, "</1/0>");
        Assert.True(code == "2.01", output);
    }

    async Task LivesAsync(CommandLineClient client, string endpoint)
    {
        var (code, location, output) = await client.RequestAsync("post", $"rd?ep={endpoint}&lt=300&lwm2m=1.0", "</1/0>,</3/0>");
        Assert.True(code == "2.01" && location.Length > 0, output);
        await gateway.Applications.ExpectAsync($"lwm2m/{endpoint}/up/register");
        (code, _, output) = await client.RequestAsync("post", $"rd/{location}?lt=600");
        Assert.True(code == "2.04", output);
        await gateway.Applications.ExpectAsync($"lwm2m/{endpoint}/up/update");
        (code, _, output) = await client.RequestAsync("delete", $"rd/{location}");
        Assert.True(code == "2.02", output);
    }

    // It checks the gateway's certificate as well.
    CommandLineClient Client(string name, X509Certificate2 certificate) => Client(name, "-c", gateway.Write(certificate), "-C", gateway.AuthorityFile);

    CommandLineClient Client(string name, params string[] proof)
    {
        var program = CommandLineClient.Find(name);
        if (program is null)
            Assert.Skip($"{name} is not installed (looked in PATH)");
        return new CommandLineClient(program!, gateway.Secure, proof);
    }
}
