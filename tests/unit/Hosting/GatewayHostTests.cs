using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Pipeline.Tests.Hosting;

public sealed class GatewayHostTests
{
    static readonly HttpClient Http = new();

    [Fact]
    public async Task Health_readiness_and_metrics_are_answered_without_a_key()
    {
        var part = new Part();
        await using var app = Create(b => b.Services.AddSingleton<IReadiness>(part));
        await app.StartAsync();

        Assert.Equal("ok\n", await Http.GetStringAsync(Url(app, "/healthz")));
        var waiting = await Http.GetAsync(Url(app, "/readyz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, waiting.StatusCode);
        Assert.Equal("""{"ready":false,"waiting":[{"name":"sessions","reason":"4 of 7 partitions read"}]}""", await waiting.Content.ReadAsStringAsync());

        part.Ready = true;
        var ready = await Http.GetAsync(Url(app, "/readyz"));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.True(JsonDocument.Parse(await ready.Content.ReadAsStringAsync()).RootElement.GetProperty("ready").GetBoolean());

        var metrics = await Http.GetAsync(Url(app, "/metrics"));
        Assert.Equal("text/plain", metrics.Content.Headers.ContentType!.MediaType);
        Assert.Contains("process_cpu_seconds_total", await metrics.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Http.GetAsync(Url(app, "/other"))).StatusCode);
        await app.StopAsync();
    }

    [Fact]
    public async Task Health_is_red_where_only_a_new_process_helps_and_stays_green_while_the_service_waits()
    {
        var part = new Part(); // not ready
        string? trouble = null;
        await using var app = Create(b => b.Services.AddSingleton<IReadiness>(part).AddSingleton<ILiveness>(new Liveness("egress", () => trouble)));
        await app.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync(Url(app, "/healthz"))).StatusCode);

        trouble = "x-egress stands still";
        var health = await Http.GetAsync(Url(app, "/healthz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("egress: x-egress stands still\n", await health.Content.ReadAsStringAsync());
        await app.StopAsync();
    }

    [Fact]
    public void A_part_fails_with_what_its_task_has_failed_with()
    {
        var failed = Task.FromException(new TimeoutException("stands still"));
        Assert.Equal("stands still", Liveness.FailureOf(null, Task.CompletedTask, failed));
        Assert.Null(Liveness.FailureOf(null, Task.CompletedTask, new TaskCompletionSource().Task));
    }

    [Fact]
    public async Task A_service_that_hangs_in_its_end_has_failed_all_the_same() =>
        Assert.Equal(1, await GatewayHost.RunAsync("ingress", ["--http:bind=127.0.0.1:0"],
            b => b.Services.AddHostedService<Stops>().AddSingleton<ILiveness>(new Liveness("ingress", () => "stands still"))));

    [Fact]
    public async Task A_service_sees_the_configuration_and_its_switches()
    {
        string? seen = null;
        await using var app = GatewayHost.Create("ingress", ["--ingress:slot=3", "--devices=5"],
            b => seen = $"{b.Service} {b.Configuration.Ingress.Slot} {b.Switch("devices")} {b.Switch("demo") ?? "-"}", new HostSwitch("devices", "How many."), new HostSwitch("demo", ""));

        Assert.Equal("ingress 3 5 -", seen);
        Assert.Equal(3, app.Services.GetRequiredService<LiveConfiguration>().Current.Ingress.Slot);
    }

    [Fact]
    public void All_problems_of_command_line_and_keys_come_in_one_exception()
    {
        var e = Assert.Throws<ConfigurationException>(() => GatewayHost.Create("ingress", ["--demo", "--kafka:partitions=0", "--egress:min_qos=x"], _ => { }));

        Assert.Equal(3, e.Problems.Count);
    }

    [Theory]
    [InlineData(0, "--version")]
    [InlineData(0, "--help")]
    [InlineData(0, "--help=markdown")]
    [InlineData(2, "--kafka:partitions=0")]
    [InlineData(2, "--config=nowhere.conf")]
    [InlineData(2, "--nonsense")]
    public async Task Exit_codes_without_a_start(int expected, string arg) =>
        Assert.Equal(expected, await GatewayHost.RunAsync("ingress", [arg], _ => { }));

    [Fact]
    public async Task A_stop_in_order_ends_with_0() =>
        Assert.Equal(0, await GatewayHost.RunAsync("ingress", ["--http:bind=127.0.0.1:0"], b => b.Services.AddHostedService<Stops>()));

    [Fact]
    public async Task A_service_that_fails_while_running_ends_with_1() =>
        Assert.Equal(1, await GatewayHost.RunAsync("ingress", ["--http:bind=127.0.0.1:0"], b => b.Services.AddHostedService<Fails>()));

    [Fact]
    public async Task A_port_in_use_ends_with_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        Assert.Equal(1, await GatewayHost.RunAsync("ingress", [$"--http:bind={taken.LocalEndpoint}"], _ => { }));
    }

    static WebApplication Create(Action<GatewayHostBuilder> configure) =>
        GatewayHost.Create("ingress", ["--http:bind=127.0.0.1:0"], configure);

    static Uri Url(WebApplication app, string path) => new(app.Urls.First() + path);

    sealed class Part : IReadiness
    {
        public string Name => "sessions";

        public bool Ready { get; set; }

        public string? Reason => Ready ? null : "4 of 7 partitions read";
    }

    sealed class Stops(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        }
    }

    sealed class Fails : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new InvalidOperationException("out of order");
        }
    }
}
