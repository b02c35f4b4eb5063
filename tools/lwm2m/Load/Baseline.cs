namespace Tools.Load;

/// <summary>The plainest things that could do a part of the work, measured in the same run on the same machine, and the gateway as a ratio of them.</summary>
/// <param name="Udp">The same devices at the same rate against a thread that answers each datagram.</param>
/// <param name="Kafka">A producer that waits for acks=all, at the same rate; null where no Kafka was named.</param>
/// <param name="Ratios">What of the gateway is how many times what of these; by name.</param>
sealed record Baseline(BaselineFigures Udp, BaselineFigures? Kafka, IReadOnlyDictionary<string, double> Ratios);
