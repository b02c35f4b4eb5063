using System.Text;
using Contracts;

namespace Pipeline.Tests.Contracts;

public sealed class RegistrationRecordTests
{
    private static readonly RegistrationRecord Record = new()
    {
        Endpoint = "urn:imei:1",
        RegistrationId = "AAAA",
        Number = 7,
        Slot = 2,
        Epoch = 41,
        State = "live",
        Peer = "[::1]:5000",
        Lifetime = 300,
        RegisteredAt = 1,
        UpdatedAt = 2,
        Lwm2mVersion = "1.1",
        Binding = "U",
        QueueMode = false,
        AlternatePath = "/",
        Objects = ["/1/0"],
        Versions = new Dictionary<string, string> { ["3"] = "1.1" },
        Client = new RegisteredClient { Clientid = "c", Username = "u", Peerhost = "::1", Zone = "default", Listener = "udp:default" },
    };

    [Fact]
    public void What_is_written_is_read_again()
    {
        Assert.True(RegistrationRecord.TryParse(Record.ToJson(), out var read));
        Assert.Equal(Record.ToJson(), read!.ToJson());
        Assert.True(read.IsLive);
    }

    [Fact]
    public void Names_are_snake_case() =>
        Assert.StartsWith("""{"endpoint":"urn:imei:1","registration_id":"AAAA","number":7,"slot":2,"epoch":41,"state":"live",""", Encoding.UTF8.GetString(Record.ToJson()));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"endpoint\":5}")]
    public void Anything_else_is_refused(string json) => Assert.False(RegistrationRecord.TryParse(Encoding.UTF8.GetBytes(json), out _));
}
