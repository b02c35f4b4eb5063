using System.Diagnostics;
using Tools;
using Tools.Commands;

namespace Pipeline.Tests.Tools;

public sealed class CompletionTests
{
    static IReadOnlyList<string> At(string line) => CompletionCommand.Candidates(ToolCommands.Create(), line, line.Length);

    [Theory]
    [InlineData("lwm2m sim", "simulate")]
    [InlineData("lwm2m load com", "compare")]
    [InlineData("lwm2m simulate --prof", "--profile")]
    [InlineData("lwm2m simulate --profile ", "Tracker")]
    [InlineData("lwm2m completion ", "fish")]
    [InlineData("./somewhere/lwm2m --devices", "")]
    public void Commands_options_and_values_are_completed(string line, string expected) =>
        Assert.Equal(expected.Length > 0, At(line).Contains(expected));

    [Fact]
    public void What_is_not_listed_is_not_offered()
    {
        var commands = At("lwm2m ");
        Assert.Contains("simulate", commands);
        Assert.DoesNotContain("complete", commands);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("lwm2m", 3)]
    [InlineData("lwm2m ", 500)]
    [InlineData("lwm2m \"", 7)]
    [InlineData("lwm2m load", -4)]
    public void A_position_anywhere_does_no_harm(string line, int position) =>
        Assert.NotNull(CompletionCommand.Candidates(ToolCommands.Create(), line, position));

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public void Each_shell_has_its_script_that_asks_the_tool(string shell) =>
        Assert.Contains("lwm2m complete --position", CompletionCommand.ScriptOf(shell), StringComparison.Ordinal);

    [Fact]
    public void Bash_takes_its_script()
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "there is no bash");
        // A tool that offers two words, and a line of which the cursor stands at the end.
        var script = CompletionCommand.ScriptOf("bash")
            + "\nlwm2m() { printf 'simulate\\nsink\\n'; }; COMP_WORDS=(lwm2m si); COMP_CWORD=1; COMP_LINE='lwm2m si'; COMP_POINT=8; _lwm2m; echo \"${COMPREPLY[@]}\"";
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script]) { RedirectStandardOutput = true })!;
        Assert.Equal("simulate sink\n", bash.StandardOutput.ReadToEnd());
    }

    [Theory]
    [InlineData("simulate --devices x")]
    [InlineData("simulate --devices 0")]
    [InlineData("simulate --register-rate 0")]
    [InlineData("simulate town.conf --devices 5")]
    [InlineData("simulate --check")]
    [InlineData("load --commands x")]
    [InlineData("load --ramp 5")]
    [InlineData("load --ramp 5:-1")]
    [InlineData("load --ramp 1:1 --closed")]
    [InlineData("load --metrics ingress")]
    [InlineData("load --kafka localhost:9092")]
    [InlineData("load --no-mqtt --commands 3")]
    [InlineData("load compare only-one.json")]
    [InlineData("completion tcsh")]
    public void Wrong_use_is_an_error_and_no_accident(string line) => Assert.NotEmpty(ToolCommands.Create().Parse(line).Errors);

    [Fact]
    public void Every_command_says_what_it_does()
    {
        foreach (var command in ToolCommands.Create().Subcommands)
            Assert.False(string.IsNullOrWhiteSpace(command.Description), command.Name);
    }
}
