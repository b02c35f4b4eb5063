using System.Net;
using System.Net.Sockets;
using Contracts;
using Dashboard.Http;

namespace Dashboard.Clients;

/// <summary>Which clients are listed. What is null lets all through. Asked for every client, it allocates nothing.</summary>
sealed record ClientFilter
{
    /// <summary>"ingress/0": who holds the session.</summary>
    public string? Node { get; init; }

    public string? ClientId { get; init; }
    public string? LikeClientId { get; init; }
    public string? Username { get; init; }
    public string? LikeUsername { get; init; }
    public string? EndpointName { get; init; }
    public string? LikeEndpointName { get; init; }
    public string? ProtocolVersion { get; init; }

    /// <summary>What a peer begins with: "192.0.2.1:", "[2001:db8::1]:".</summary>
    public string? PeerPrefix { get; init; }

    /// <summary>Unix time in ms.</summary>
    public long? RegisteredFrom { get; init; }
    public long? RegisteredTo { get; init; }

    /// <summary>Seconds.</summary>
    public long? LifetimeFrom { get; init; }
    public long? LifetimeTo { get; init; }

    /// <summary>Something was asked for that no client of this gateway is, such as a session without its connection.</summary>
    public bool Nobody { get; init; }

    public static ClientFilter Of(ApiRequest request) => new()
    {
        Node = request.TextOrNull("node"),
        ClientId = request.TextOrNull("clientid"),
        LikeClientId = request.TextOrNull("like_clientid"),
        Username = request.TextOrNull("username"),
        LikeUsername = request.TextOrNull("like_username"),
        EndpointName = request.TextOrNull("endpoint_name"),
        LikeEndpointName = request.TextOrNull("like_endpoint_name"),
        ProtocolVersion = request.TextOrNull("proto_ver"),
        PeerPrefix = PrefixOf(request.AddressOrNull("ip_address")),
        RegisteredFrom = Latest(request.WholeOrNull("gte_created_at"), request.WholeOrNull("gte_connected_at")),
        RegisteredTo = Earliest(request.WholeOrNull("lte_created_at"), request.WholeOrNull("lte_connected_at")),
        LifetimeFrom = request.WholeOrNull("gte_lifetime"),
        LifetimeTo = request.WholeOrNull("lte_lifetime"),
        Nobody = request.FlagOrNull("clean_start") == false || request.TextOrNull("conn_state") is "disconnected" or "idle",
    };

    public bool Takes(RegistrationRecord client) =>
        !Nobody
        && Is(EndpointName, client.Endpoint) && Like(LikeEndpointName, client.Endpoint)
        && Is(ClientId, client.Client.Clientid) && Like(LikeClientId, client.Client.Clientid)
        && Is(Username, client.Client.Username) && Like(LikeUsername, client.Client.Username)
        && Is(ProtocolVersion, client.Lwm2mVersion)
        && (PeerPrefix is null || client.Peer.StartsWith(PeerPrefix, StringComparison.OrdinalIgnoreCase))
        && !(client.RegisteredAt < RegisteredFrom) && !(client.RegisteredAt > RegisteredTo)
        && !(client.Lifetime < LifetimeFrom) && !(client.Lifetime > LifetimeTo)
        && (Node is null || IsNode(Node, client.Slot));

    // A device is connected when it registers: both times are one.
    static long? Latest(long? one, long? other) => one is null || other > one ? other : one;

    static long? Earliest(long? one, long? other) => one is null || other < one ? other : one;

    static bool Is(string? wanted, string text) => wanted is null || wanted == text;

    static bool Like(string? part, string text) => part is null || text.Contains(part, StringComparison.Ordinal);

    static bool IsNode(string node, int slot) =>
        node.StartsWith("ingress/", StringComparison.Ordinal) && int.TryParse(node.AsSpan("ingress/".Length), out var number) && number == slot;

    static string? PrefixOf(IPAddress? address) =>
        address is null ? null : address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]:" : $"{address}:";
}
