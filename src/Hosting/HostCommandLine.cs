using Hosting.Configuration;

namespace Hosting;

/// <summary>The command line taken apart. It never throws; what it does not understand is a problem.</summary>
internal sealed class HostCommandLine
{
    public static readonly IReadOnlyList<HostSwitch> OwnSwitches =
    [
        new("config", "Configuration file, HOCON as EMQX's or JSON; may be given several times, the later wins."),
        new("verbose", "Log details too."),
        new("help", "Print the switches and all keys; --help=markdown as a page."),
        new("version", "Print the version."),
    ];

    public List<string> Files { get; } = [];

    public List<(string[] Path, string Value)> Settings { get; } = [];

    /// <summary>Switches that were given, with their value or an empty text.</summary>
    public Dictionary<string, string> Switches { get; } = [];

    public List<string> Problems { get; } = [];

    public static HostCommandLine Parse(IReadOnlyList<string> args, IReadOnlyList<HostSwitch> switches)
    {
        var line = new HostCommandLine();
        var known = OwnSwitches.Concat(switches).Select(s => s.Name).ToList();
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i] == "-h" ? "--help" : args[i];
            if (!arg.StartsWith("--", StringComparison.Ordinal))
            {
                line.Problems.Add($"{arg} is not understood: a switch begins with --");
                continue;
            }

            var equals = arg.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? arg[2..] : arg[2..equals];
            var value = equals < 0 ? null : arg[(equals + 1)..];
            var setting = IsSetting(name);
            if (value is null && (setting || name == "config"))
            {
                if (i + 1 >= args.Count || args[i + 1].StartsWith("--", StringComparison.Ordinal))
                    line.Problems.Add($"--{name} needs a value");
                else
                    value = args[++i];
            }

            if (setting)
                line.Settings.Add((PathOf(name), value ?? ""));
            else if (name == "config")
                line.Files.Add(value ?? "");
            else if (known.Contains(name))
                line.Switches[name] = value ?? "";
            else
                line.Problems.Add(Unknown(name, known));
        }

        if (line.Problems.Count > 0)
            line.Files.RemoveAll(f => f.Length == 0);
        return line;
    }

    static bool IsSetting(string name)
    {
        var end = name.AsSpan().IndexOfAny(':', '.');
        return end > 0 && SchemaSection.Root.Keys.Any(k => k.Name.Split('.')[0].Equals(name[..end], StringComparison.OrdinalIgnoreCase));
    }

    // With colons, dots belong to names: --kafka:client:socket.timeout.ms=1000.
    static string[] PathOf(string name) =>
        name.Split(name.Contains(':') ? ':' : '.', StringSplitOptions.RemoveEmptyEntries);

    static string Unknown(string name, IEnumerable<string> known)
    {
        var near = Nearest.Of(name, known.Concat(ConfigurationHelp.AllKeys().Select(k => k.Path.Replace('.', ':'))));
        return $"--{name} is not known{(near is null ? "; --help lists the switches" : $"; did you mean --{near}?")}";
    }
}
