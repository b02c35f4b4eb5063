using System.Text;
using Hosting.Configuration;
using Pipeline.Tests.Hosting;

namespace Pipeline.Tests.Fuzz;

public sealed class HoconFuzzTests
{
    [Fact]
    public void Any_configuration_text_gives_a_report()
    {
        var folders = new ConfigurationFolders([], Path.GetTempPath(), "shipped");
        byte[][] corpus =
        [
            Encoding.Latin1.GetBytes(EmqxBlock.Text[..1600]),
            Encoding.Latin1.GetBytes(EmqxBlock.Text[^1200..]),
            "a = ${b}${?c} \"x\"\nb = [1, {c = 2}] # end\nmqtt.server = \"mqtt://a\""u8.ToArray(),
        ];
        var inputs = FuzzLoop.Run(
            input =>
            {
                var report = new ConfigurationReport();
                if (HoconParser.TryParse(Encoding.Latin1.GetString(input), "f", report.Warnings, out var root, out var problem))
                    ConfigurationReader.Read(root, report, folders);
                else if (problem.Length == 0)
                    throw new InvalidOperationException("an error without a word");
            },
            corpus);

        Assert.True(inputs > 0);
    }
}
