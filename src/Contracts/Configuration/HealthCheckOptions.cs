namespace Contracts.Configuration;

/// <summary>A datagram that is answered without a session, for load balancers.</summary>
[Doc("A datagram that is answered without a session, for load balancers.")]
public sealed record HealthCheckOptions
{
    [Doc("Datagram that asks.")]
    [Live]
    public required string Request { get; init; }

    [Doc("Datagram that answers.")]
    [Live]
    public required string Reply { get; init; }
}
