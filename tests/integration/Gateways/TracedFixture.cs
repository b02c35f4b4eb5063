namespace Pipeline.IntegrationTests.Gateways;

/// <summary>Standalone that traces everything; its collector is nowhere, which is nobody's trouble.</summary>
public sealed class TracedFixture : StandaloneFixture
{
    internal Spans Spans { get; } = new();

    private protected override string Configuration => Block("127.0.0.1:0", "[::1]:0", "127.0.0.1:0") + """

        opentelemetry {
          exporter { endpoint = "http://127.0.0.1:9", protocol = http_protobuf }
          traces { enable = true, e2e_tracing_options { sample_ratio = "100%" } }
        }
        """;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Spans.Dispose();
    }
}
