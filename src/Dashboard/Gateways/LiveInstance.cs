using Contracts;

namespace Dashboard.Gateways;

/// <summary>A process of the gateway, as its last heartbeat shows it.</summary>
/// <param name="Name">"ingress/0": the key of its records.</param>
/// <param name="StartedMs">Unix time in ms of its start, or of the first that was heard of it.</param>
sealed record LiveInstance(string Name, InstanceRecord Record, long StartedMs)
{
    public string Service => Name.Split('/')[0];
}
