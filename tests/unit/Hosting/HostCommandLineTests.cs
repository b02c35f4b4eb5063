using Hosting;

namespace Pipeline.Tests.Hosting;

public sealed class HostCommandLineTests
{
    static readonly HostSwitch[] Switches = [new("demo", "Shows it."), new("devices", "How many.")];

    [Fact]
    public void Switches_files_and_keys_are_told_apart()
    {
        var line = HostCommandLine.Parse(
            ["--config", "a.conf", "--config=b.conf", "--demo", "--devices=3", "--kafka:client:socket.timeout.ms=5", "--mqtt.server", "mqtt://x"], Switches);

        Assert.Empty(line.Problems);
        Assert.Equal(["a.conf", "b.conf"], line.Files);
        Assert.Equal("", line.Switches["demo"]);
        Assert.Equal("3", line.Switches["devices"]);
        Assert.Equal(["kafka/client/socket.timeout.ms=5", "mqtt/server=mqtt://x"], line.Settings.Select(s => $"{string.Join('/', s.Path)}={s.Value}"));
    }

    [Theory]
    [InlineData("--demoo", "did you mean --demo?")]
    [InlineData("demo", "a switch begins with --")]
    [InlineData("--config", "--config needs a value")]
    [InlineData("--kafka:slots", "--kafka:slots needs a value")]
    [InlineData("--kafak:slots=3", "did you mean --kafka:slots?")]
    [InlineData("--xyzzy", "--help lists the switches")]
    public void What_is_not_understood_is_a_problem(string arg, string expected) =>
        Assert.Contains(expected, Assert.Single(HostCommandLine.Parse([arg], Switches).Problems), StringComparison.Ordinal);
}
