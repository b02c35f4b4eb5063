using Contracts;

namespace Ingress.Access;

/// <summary>What a device wants to do with a topic.</summary>
/// <param name="Action">"publish" or "subscribe".</param>
/// <param name="Mountpoint">The rendered prefix of the topic.</param>
/// <param name="Topic">The whole topic, or filter.</param>
/// <param name="Qos">The highest of its mappings.</param>
/// <param name="Bits">What is denied where this is.</param>
sealed record DeviceTopic(string Action, string Mountpoint, string Topic, int Qos, Denied Bits);
