using System.Text;
using Contracts.Configuration;
using Ingress.Sockets;

namespace Ingress.Access;

/// <summary>
/// What is done with a datagram before anything else: access rules, then the health check. Without the gate, on the thread that received it.
/// </summary>
sealed class Doors(Node node)
{
    volatile State? _state;

    /// <summary>False where the datagram has been dealt with.</summary>
    public bool Passes(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        var configuration = node.Configuration();
        var state = _state;
        if (state is null || !ReferenceEquals(state.Configuration, configuration) || peer.Listener >= state.Doors.Length)
            _state = state = Take(configuration);
        return peer.Listener >= state.Doors.Length || state.Doors[peer.Listener] is not { } door || Passes(door, peer, datagram);
    }

    bool Passes(Door door, in Peer peer, ReadOnlySpan<byte> datagram)
    {
        if (!door.Rules.Allows(peer))
        {
            node.Telemetry.AccessDenied.Add(1);
            return false;
        }

        if (door.Question is not { } question || !datagram.SequenceEqual(question))
            return true;
        node.Telemetry.HealthChecks.Add(1);
        node.Send(peer, door.Answer);
        return false;
    }

    // Apart, so that what the lambda captures is not allocated for each datagram.
    State Take(GatewayConfiguration configuration) => new(configuration, [.. node.Listeners.Select(name => Open(configuration.Lwm2m, name))]);

    // Null: a listener that has neither, so that its datagrams pay nothing.
    static Door? Open(Lwm2mOptions options, string listener)
    {
        if (options.Listeners.Find(listener) is not { } settings)
            return null;
        var rules = new AccessList(settings.AccessRules);
        if (rules.IsEmpty && settings.HealthCheck is null)
            return null;
        return new Door(
            rules,
            settings.HealthCheck is { } check ? Encoding.UTF8.GetBytes(check.Request) : null,
            Encoding.UTF8.GetBytes(settings.HealthCheck?.Reply ?? ""));
    }

    sealed record Door(AccessList Rules, byte[]? Question, byte[] Answer);

    sealed record State(GatewayConfiguration Configuration, Door?[] Doors);
}
