namespace Contracts.Configuration;

/// <summary>The collector that is sent to.</summary>
[Doc("The collector that is sent to.")]
public sealed record CollectorOptions
{
    [Doc("URL of the collector; with `https` it is checked against whom the system trusts, or the file in `OTEL_EXPORTER_OTLP_CERTIFICATE`. Absent: `OTEL_EXPORTER_OTLP_ENDPOINT`, else http://localhost:4317, with `http_protobuf` port 4318.")]
    public string? Endpoint { get; init; }

    [Doc("`grpc`, or `http_protobuf`, to whose URL `/v1/traces` and `/v1/metrics` are added.")]
    public OtlpProtocol Protocol { get; init; } = OtlpProtocol.Grpc;

    [Doc("Headers of every request, such as `authorization`.")]
    [Secret]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
