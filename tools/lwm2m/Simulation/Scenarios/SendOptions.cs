using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>What a device tells without being asked (LwM2M Core 1.1 section 6.4.6), unless its Server object mutes it.</summary>
[Doc("What is sent without being asked for, from LwM2M 1.1 on.")]
sealed record SendOptions
{
    [Doc("What is sent: resources, instances or objects.")]
    public IReadOnlyList<string> Paths { get; init; } = [];

    [Doc("How often.")]
    [Range("100ms", "365d")]
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(1);

    [Doc("So many samples, evenly spaced, go with each message; more than one bear their times.")]
    [Range("1", "1000")]
    public int Samples { get; init; } = 1;

    [Doc("Content format: senml_json, senml_cbor, or lwm2m_cbor, which needs LwM2M 1.2 and carries no times.")]
    public ReportFormat Format { get; init; } = ReportFormat.SenmlCbor;
}
