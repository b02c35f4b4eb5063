using System.Text.RegularExpressions;
using Hosting;
using Hosting.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Tests.Egress;
using Pipeline.Tests.Lwm2m;
using Standalone;

namespace Pipeline.Tests.Hosting;

public sealed partial class MetricsPageTests
{
    // All services run, so that every meter is there, also those that are made late.
    [Fact]
    public async Task Page_lists_every_metric_of_every_service_and_no_other()
    {
        string[] arguments =
        [
            "--mqtt:listen=127.0.0.1:0", "--http:bind=127.0.0.1:0", "--gateway:lwm2m:listeners:udp:default:bind=127.0.0.1:0",
            $"--gateway:lwm2m:xml_dir={Repository.ShippedDefinitions}",
        ];
        await using var app = GatewayHost.Create("standalone", arguments, builder =>
        {
            builder.Web.Logging.ClearProviders();
            Composition.Configure(builder);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        var parts = app.Services.GetServices<IReadiness>().ToList();
        await EgressRig.UntilAsync(() => parts.TrueForAll(part => part.Ready));

        var published = app.Services.GetRequiredService<HostMetrics>().Names.Where(name => name.StartsWith("lwm2m_", StringComparison.Ordinal)).Distinct().Order().ToList();
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "metrics.md"), TestContext.Current.CancellationToken);
        var listed = Row().Matches(page).Select(match => match.Groups[1].Value).Order().ToList();
        await app.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(published.Count > 40, "the meters were not there yet");
        Assert.Equal("", string.Join(' ', published.Except(listed))); // rows that docs/metrics.md lacks
        Assert.Equal("", string.Join(' ', listed.Except(published))); // rows that it has too many
        Assert.Equal(listed.Distinct(), listed);
    }

    [GeneratedRegex(@"^\| `(lwm2m_[a-z0-9_]+)", RegexOptions.Multiline)]
    private static partial Regex Row();
}
