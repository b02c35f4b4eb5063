using Contracts;

namespace Messaging;

/// <summary>How the topics on the broker differ from what they must be.</summary>
/// <param name="Made">Those that were made just now.</param>
/// <param name="Missing">Those that are not there.</param>
/// <param name="Mismatches">What services refuse to start on, each with the command that mends it.</param>
/// <param name="Drift">What services take, but would have made otherwise (how long records are kept, copies), each with the command that changes it.</param>
public sealed record TopicReport(
    IReadOnlyList<TopicSpec> Made, IReadOnlyList<TopicSpec> Missing, IReadOnlyList<string> Mismatches, IReadOnlyList<string> Drift);
