using Contracts;
using Dashboard.Clients;

namespace Pipeline.Tests.Dashboard;

/// <summary>Registration records as an Ingress writes them.</summary>
static class Registrations
{
    public static RegistrationRecord Of(string endpoint, ulong number = 1, string? clientId = null, string state = "live") => new()
    {
        Endpoint = endpoint,
        RegistrationId = $"reg-{number}",
        Number = number,
        Slot = 0,
        Epoch = 1,
        State = state,
        Peer = "192.0.2.1:50000",
        Lifetime = 300,
        RegisteredAt = 1_700_000_000_000 + (long)number,
        UpdatedAt = 1_700_000_000_000,
        Lwm2mVersion = "1.0",
        Binding = "U",
        QueueMode = false,
        AlternatePath = "/",
        Objects = ["/1/0", "/3/0", "/3303/0"],
        Versions = new Dictionary<string, string> { ["3"] = "1.1" },
        Client = new RegisteredClient { Clientid = clientId ?? endpoint, Username = endpoint, Peerhost = "192.0.2.1", Zone = "default", Listener = "udp:default" },
    };

    /// <summary>So many, read as they are from their JSON.</summary>
    public static void Fill(ClientTable table, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(RegistrationRecord.TryParse(Of($"urn:imei:{490154203000000 + i}").ToJson(), out var record));
            table.Fold(record!.Endpoint, record);
        }
    }
}
