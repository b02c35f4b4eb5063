using Hosting;
using Tools.Simulation;
using Tools.Simulation.Scenarios;

namespace Pipeline.Tests.Tools;

public sealed class ScenarioFileTests : IDisposable
{
    readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    Scenario Read(string text)
    {
        File.WriteAllText(_file, text);
        return ConfigurationFiles.Read<Scenario>(_file, ScenarioChecks.Problems, out _);
    }

    string[] ProblemsOf(string text) => [.. Assert.Throws<ConfigurationException>(() => Read(text)).Problems];

    [Fact]
    public void The_shortest_scenario_is_one_device()
    {
        var plan = Assert.Single(ScenarioPlans.Of(Read("groups.meter {}")));
        Assert.Equal("meter-1", plan.Settings.Endpoint);
    }

    [Fact]
    public void Every_key_is_read()
    {
        var scenario = Read(
            """
            { "seed": 42, "duration": "1h", "register_rate": "60/1m",
              "groups": { "meter": {
                "count": 3, "endpoint": "urn:{group}:{n:3}", "profile": "sensor", "version": "1.1", "lifetime": "1d", "start": "5s", "interval": "1m",
                "values": { "/3303/0/5701": "Cel" },
                "signals": { "/3303/0/5700": { "kind": "walk", "mean": -5.5, "noise": 0.5, "min": -40, "max": 85, "digits": 2 } },
                "format": "json", "separate_responses": true, "reboot_time": "10s",
                "notify": { "on_change": false, "every": "30s", "jitter": "5s", "burst_every": "1h", "burst_size": 3, "burst_gap": "10ms", "confirmable": false },
                "queue_mode": { "awake": "10s", "wake_every": "5m" },
                "network": { "up": { "loss": 0.1, "duplicate": 0.2, "delay": "1s", "jitter": "2s" }, "down": { "loss": 0.3 }, "rebind_every": "1m" },
                "faults": [ { "kind": "scale", "path": "/3303/0/5700", "factor": 1.8, "offset": 32, "after": "10m", "for": "1h", "share": 0.5 } ] } },
              "storms": [ { "at": "2m", "share": 0.5, "within": "3s", "groups": ["meter"] } ] }
            """);
        var group = scenario.Groups["meter"];
        Assert.Equal((42, TimeSpan.FromHours(1), 1.0), (scenario.Seed, scenario.Duration, scenario.RegisterRate));
        Assert.Equal((DeviceProfile.Sensor, "1.1", ReportFormat.Json), (group.Profile, group.Version, group.Format));
        Assert.Equal((SignalKind.Walk, -5.5, -40, 85), (group.Signals["/3303/0/5700"].Kind, group.Signals["/3303/0/5700"].Mean, group.Signals["/3303/0/5700"].Min, group.Signals["/3303/0/5700"].Max));
        Assert.Equal((0.1, 0.3, TimeSpan.FromMinutes(1)), (group.Network.Up.Loss, group.Network.Down.Loss, group.Network.RebindEvery));
        Assert.Equal((3, false), (group.Notify.BurstSize, group.Notify.Confirmable));
        Assert.Equal((FaultKind.Scale, 0.5), (group.Faults.Single().Kind, group.Faults.Single().Share));
        Assert.Equal(["urn:meter:001", "urn:meter:002", "urn:meter:003"], ScenarioPlans.Of(scenario).Select(plan => plan.Settings.Endpoint));
    }

    [Fact]
    public void A_device_of_a_version_has_formats_and_Sends_of_that_version()
    {
        var plan = Assert.Single(ScenarioPlans.Of(Read("""groups.m { version = "1.2", format = lwm2m_cbor, send { paths = ["/3303", "/3/0/9"], every = 15m, samples = 15 } }""")));
        Assert.Equal(("1.2", (ushort)11544), (plan.Settings.Lwm2mVersion, plan.Settings.Format));
        Assert.Equal((900_000L, 15, (ushort)112, 2), (plan.Settings.Sends!.Every, plan.Settings.Sends.Samples, plan.Settings.Sends.Format, plan.Settings.Sends.Paths.Count));

        Assert.Equal(
            [
                "groups.a.format = \"senml_json\": needs version 1.1", "groups.b.format = \"lwm2m_cbor\": needs version 1.2", "groups.c.send: Send needs version 1.1",
                "groups.c.send.paths: at least one is needed: paths = [\"/3303/0/5700\"]",
                "groups.d.send.samples = \"2\": must be 1 in lwm2m_cbor, which carries no times", "groups.d.send.paths = \"/a\": must be a path such as /3303/0/5700, /3303/0 or /3303",
            ],
            ProblemsOf("""
                groups {
                  a { format = senml_json }
                  b { version = "1.1", format = lwm2m_cbor }
                  c { send {} }
                  d { version = "1.2", send { format = lwm2m_cbor, samples = 2, paths = ["/a"] } }
                }
                """));
    }

    [Fact]
    public void All_problems_are_told_at_once_each_with_key_value_and_what_is_allowed()
    {
        var problems = ProblemsOf(
            """
            register_rate = fast
            sed = 3
            groups {
              meter {
                count = 0
                lifetime = "soon"
                profile = senser
                endpoint = "meter-{x}"
                values { "/3303/0/5700" = warm, "/9999/9/9" = 1, "bad" = 2 }
                signals."/3303/0/5701" { kind = walk }
                network.up.loss = 2
                notify { jitter = 5s }
                faults = [ { kind = type, path = "/3/0/0" }, { kind = value } ]
              }
              twins { count = 5, endpoint = twin }
            }
            storms = [ { at = 1m, groups = [meters] } ]
            """);
        Assert.Contains(problems, problem => problem.StartsWith("register_rate = \"fast\": must be a rate", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("sed = \"3\": is not known; did you mean 'seed'?", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("groups.meter.count = \"0\": must be from 1 to 1000000", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("groups.meter.lifetime = \"soon\": must be a duration", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("did you mean 'sensor'?", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("groups.meter.endpoint = \"meter-{x}\": may hold {group}", StringComparison.Ordinal));
        Assert.Contains("groups.meter.values./3303/0/5700 = \"warm\": not a finite Float", problems);
        Assert.Contains(problems, problem => problem.StartsWith("groups.meter.values./9999/9/9: must be a resource", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("groups.meter.signals./3303/0/5701.kind = \"walk\": must be choice", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("groups.meter.network.up.loss = \"2\": must be from 0 to 1", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("groups.meter.notify.jitter", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("groups.meter.faults.0.type: a fault of kind type needs it", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("groups.meter.faults.1.path: is required", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("groups.twins.endpoint = \"twin\": must hold {n}", StringComparison.Ordinal));
        Assert.Contains("storms.0.groups = \"meters\": must be one of meter, twins", problems);
    }

    [Fact]
    public void Keys_of_devices_follow_from_a_master_key_or_are_shared()
    {
        var plans = ScenarioPlans.Of(Read("""
            groups {
              own { count = 2, endpoint = "own-{n}", dtls { master_key = "000102030405060708090a0b0c0d0e0f" } }
              site { count = 2, endpoint = "site-{n}", dtls { psk = "6f70656e", identity = site-key, connection_id = false } }
              plain {}
            }
            """));
        Assert.Equal([("own-1", true), ("own-2", true), ("site-key", false), ("site-key", false)], plans.Where(p => p.Dtls is not null).Select(p => (p.Dtls!.Identity, p.Dtls.UsesConnectionId)).Order());
        // HMAC-SHA-256 of "own-1", as openssl dgst -mac HMAC says it.
        Assert.Equal("57633ea11f30c2156fccf51eccad004f", Convert.ToHexStringLower(plans.Single(p => p.Settings.Endpoint == "own-1").Dtls!.Key));

        using var file = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(GatewayCredentials.Write(plans)));
        var credentials = global::Ingress.Security.CredentialSet.Read(file);
        Assert.Equal(3, credentials.Count);
        Assert.Contains("\"endpoint\":\"site-*\"", GatewayCredentials.Write(plans), StringComparison.Ordinal);
    }

    [Fact]
    public void Key_that_is_wrong_is_not_told()
    {
        Assert.Equal(
            [
                "groups.a.dtls: one of psk and master_key is needed", "groups.b.dtls: one of psk and master_key is needed",
                "groups.c.dtls.psk: must be 1 to 64 bytes in hex", "groups.d.dtls.master_key: must be 1 to 64 bytes in hex",
                "groups.d.dtls.identity = \"{m}\": may hold {group}, {n}, or {n:DIGITS} with 1 to 9 digits, and no other braces",
            ],
            ProblemsOf("""
                groups {
                  a { dtls {} }
                  b { dtls { psk = "00", master_key = "00" } }
                  c { dtls { psk = "abc" } }
                  d { dtls { master_key = "xy", identity = "{m}" } }
                }
                """));
    }

    [Theory]
    [InlineData("")]
    [InlineData("groups {}")]
    [InlineData("groups.a { count = 2000000 }")]
    [InlineData("groups { a { endpoint = same }, b { endpoint = same } }")]
    [InlineData("groups { a { notify { burst_every = 1s, burst_size = 100 } } }")]
    [InlineData("groups { a")]
    [InlineData("groups = 5")]
    [InlineData("groups.a.queue_mode = on")]
    public void What_cannot_be_meant_is_refused(string text) => Assert.NotEmpty(ProblemsOf(text));

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(
            () => ConfigurationFiles.Read<Scenario>(_file + ".missing", ScenarioChecks.Problems, out _)).Problems);
        Assert.StartsWith(_file + ".missing cannot be read", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_examples_of_the_documentation_are_good()
    {
        var folder = Path.Combine(Lwm2m.Repository.Root, "docs", "scenarios");
        var files = Directory.GetFiles(folder, "*.conf");
        Assert.True(files.Length >= 3);
        Assert.All(files, file =>
        {
            var scenario = ConfigurationFiles.Read<Scenario>(file, ScenarioChecks.Problems, out var doubtful);
            Assert.Empty(doubtful);
            Assert.NotEmpty(ScenarioPlans.Of(scenario));
        });
    }
}
