using System.Collections.Concurrent;

[assembly: AssemblyFixture(typeof(Pipeline.DeployTests.Charts.Helm))]

namespace Pipeline.DeployTests.Charts;

/// <summary>
/// Helm and kube-score, unpacked once a run by the script <c>shared/kubernetes/cluster</c> that lies above the build's folder; what cannot be had
/// skips the test with the reason.
/// </summary>
public sealed class Helm : IDisposable
{
    /// <summary>What the chart is held against.</summary>
    internal static readonly string[] Versions = ["1.30.0", "1.32.0", "1.35.0"];

    internal const string Release = "fleet";

    readonly string _folder = Directory.CreateTempSubdirectory("helm-").FullName;
    readonly ConcurrentDictionary<string, Lazy<Task<Said>>> _renders = new();
    readonly Lazy<Task<string>> _bin;

    public Helm() => _bin = new(async () =>
        (await Tool.RunAsync("bash", [Script!, "unpack", "--dir", _folder])).Success.Trim());

    /// <summary>The script; null where there is none.</summary>
    internal static string? Script { get; } = OperatingSystem.IsLinux()
        ? Repository.Up(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, "shared", "kubernetes", "cluster")).FirstOrDefault(File.Exists)
        : null;

    public static TheoryData<string> ValueFiles =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Chart, "ci"), "*.yaml").Select(file => Path.GetFileName(file)).Order()];

    internal static void SkipUnlessThere() =>
        Assert.SkipWhen(Script is null, "Needs Helm: no shared/kubernetes/cluster above " + AppContext.BaseDirectory);

    internal async Task<Said> RunAsync(string program, IEnumerable<string> arguments, string? input = null)
    {
        SkipUnlessThere();
        return await Tool.RunAsync(Path.Combine(await _bin.Value, program), arguments, input, TestContext.Current.CancellationToken);
    }

    /// <summary>What the chart becomes with one of the values files, and more on top.</summary>
    internal Task<Said> TemplateAsync(string values, string version, params string[] more)
    {
        SkipUnlessThere();
        string[] arguments =
        [
            "template", Release, Repository.Chart, "--namespace", "iot", "--kube-version", version,
            "--values", Path.Combine(Repository.Chart, "ci", values), .. more,
        ];
        return _renders.GetOrAdd(string.Join('\0', arguments), _ => new(() => RunAsync("helm", arguments))).Value;
    }

    /// <summary>The same as objects, on the newest Kubernetes.</summary>
    internal async Task<Rendered> RenderAsync(string values, params string[] more) =>
        new((await TemplateAsync(values, Versions[^1], more)).Success);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
