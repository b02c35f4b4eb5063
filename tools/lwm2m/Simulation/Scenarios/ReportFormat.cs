namespace Tools.Simulation.Scenarios;

/// <summary>Content formats that a device can be made to prefer: those that the encoder of the project writes.</summary>
enum ReportFormat
{
    Tlv,
    Text,
    Json,
    SenmlJson,
    SenmlCbor,
    Lwm2mCbor,
}
