using Hosting.Configuration;

namespace Pipeline.Tests.Hosting;

/// <summary>Reads configuration as a program does, from files in a folder of the test's own.</summary>
internal sealed class TestConfiguration : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("configuration").FullName;

    public static ConfigurationReport Read(string text, params (string Name, string Value)[] environment)
    {
        using var configuration = new TestConfiguration();
        return configuration.Sources([configuration.Write("gateway.conf", text)], environment).Read();
    }

    public static string[] ProblemsOf(string text) => [.. Read(text).Problems.Select(p => p.ToString())];

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public ConfigurationSources Sources(IReadOnlyList<string> files, (string Name, string Value)[]? environment = null,
        params (string Path, string Value)[] commandLine) =>
        new(files, (environment ?? []).ToDictionary(e => e.Name, e => e.Value),
            [.. commandLine.Select(c => (c.Path.Split(':'), c.Value))], Folder);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
