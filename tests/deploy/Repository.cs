namespace Pipeline.DeployTests;

/// <summary>Folders of the working copy that the tests read.</summary>
static class Repository
{
    internal static string Root { get; } = Up(AppContext.BaseDirectory).First(folder => File.Exists(Path.Combine(folder, "Pipeline.sln")));

    internal static string Chart => Path.Combine(Root, "deploy", "helm");

    /// <summary>Golden files and generated parts are written anew instead of compared.</summary>
    internal static bool Updates => Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    internal static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    /// <summary>Compares with a file of the repository, or writes it.</summary>
    internal static void AssertSame(string text, params string[] path)
    {
        var file = Path.Combine([Root, .. path]);
        if (Updates)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        Assert.True(File.Exists(file), $"{file} is missing: UPDATE_GOLDEN=1 writes it");
        Assert.Equal(File.ReadAllText(file), text);
    }

    internal static IEnumerable<string> Up(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            yield return at.FullName;
    }
}
