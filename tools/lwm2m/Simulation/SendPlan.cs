using Protocol.Lwm2m;

namespace Tools.Simulation;

/// <summary>What a device Sends, and when.</summary>
/// <param name="Every">ms from one Send to the next.</param>
/// <param name="Samples">In each; more than one bear their times.</param>
sealed record SendPlan(IReadOnlyList<Lwm2mPath> Paths, long Every, int Samples, ushort Format);
