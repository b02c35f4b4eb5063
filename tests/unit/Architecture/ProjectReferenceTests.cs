using System.Xml.Linq;
using Pipeline.Tests.Lwm2m;

namespace Pipeline.Tests.Architecture;

/// <summary>Who may know whom: the project files are read and held against the layout that docs/architecture.md tells of.</summary>
public sealed class ProjectReferenceTests
{
    static readonly string[] Nothing = [];
    static readonly string[] Devices = ["src/Protocol/Coap", "src/Protocol/Lwm2m", "src/Protocol/Dtls"];
    static readonly string[] Services = ["src/Contracts", "src/Messaging", "src/Hosting"];

    /// <summary>What each project may reference at most.</summary>
    static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["src/Protocol/Coap"] = Nothing,
        ["src/Protocol/Lwm2m"] = Nothing,
        ["src/Protocol/Dtls"] = Nothing,
        ["src/Contracts"] = Nothing,
        ["src/Messaging"] = ["src/Contracts"],
        ["src/Hosting"] = ["src/Contracts"],
        ["src/Ingress"] = [.. Devices, .. Services],
        ["src/Translator"] = ["src/Protocol/Lwm2m", .. Services],
        ["src/Egress"] = Services,
        ["src/Dashboard"] = ["src/Protocol/Lwm2m", .. Services],
        ["src/Standalone"] = ["src/Ingress", "src/Translator", "src/Egress", "src/Dashboard", "tools/lwm2m", .. Services],
        ["tools/lwm2m"] = [.. Devices, "src/Ingress", "src/Translator", .. Services],
    };

    /// <summary>Packages of the projects that promise to have few; build-time ones do not count.</summary>
    static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["src/Protocol/Coap"] = Nothing,
        ["src/Protocol/Lwm2m"] = Nothing,
        ["src/Protocol/Dtls"] = ["BouncyCastle.Cryptography"],
        ["src/Contracts"] = ["Google.Protobuf"],
        ["src/Messaging"] = ["Confluent.Kafka", "Microsoft.Extensions.Logging.Abstractions"],
    };

    public static TheoryData<string> Projects =>
        [.. new[] { "src", "tools" }.Select(folder => Path.Combine(Repository.Root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories)).Select(FolderOf).Order()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_references_only_what_it_may(string project)
    {
        Assert.True(MayReference.TryGetValue(project, out var allowed), $"{project} has no rule here");
        Assert.Empty(ReferencesOf(project).Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_uses_only_the_packages_it_may(string project)
    {
        var used = Items(project, "PackageReference").Where(item => item.Attribute("PrivateAssets")?.Value != "all")
            .Select(item => item.Attribute("Include")!.Value).ToList();
        if (MayUse.TryGetValue(project, out var allowed))
            Assert.Empty(used.Except(allowed));
        Assert.True(project is "src/Egress" or "tools/lwm2m" || !used.Contains("MQTTnet"), "MQTT is for Egress, and the tool that measures it");
        Assert.True(project == "src/Messaging" || !used.Contains("Confluent.Kafka"), "Kafka is Messaging's alone");
    }

    // A project that is referenced brings along all that it references itself: Egress must not come to know Protocol that way.
    [Theory]
    [InlineData("src/Translator", "src/Protocol/Coap")]
    [InlineData("src/Egress", "src/Protocol/Coap")]
    [InlineData("src/Egress", "src/Protocol/Lwm2m")]
    [InlineData("src/Contracts", "src/Messaging")]
    public void Project_does_not_come_by_it_through_others(string project, string stranger) =>
        Assert.DoesNotContain(stranger, Reached(project));

    [Fact]
    public void Projects_that_there_must_be_are_found() =>
        Assert.Subset(
            Projects.Select(p => p.Data).ToHashSet(),
            new HashSet<string> { "src/Ingress", "src/Translator", "src/Egress", "src/Contracts", "src/Standalone" });

    [Fact]
    public void No_source_file_is_too_long() =>
        Assert.DoesNotContain(
            Sources().Select(file => (File: Path.GetRelativePath(Repository.Root, file), Lines: File.ReadLines(file).Count())),
            f => f.Lines > 600);

    [Fact]
    public void Namespaces_follow_folders() =>
        Assert.DoesNotContain(
            Sources().Where(file => file.StartsWith(Path.Combine(Repository.Root, "src"), StringComparison.Ordinal))
                .Select(file => (File: Path.GetRelativePath(Path.Combine(Repository.Root, "src"), file), Namespace: NamespaceOf(file))),
            f => f.Namespace is not null && f.Namespace != Path.GetDirectoryName(f.File)!.Replace(Path.DirectorySeparatorChar, '.'));

    static string? NamespaceOf(string file) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))?["namespace ".Length..].TrimEnd(';');

    static IEnumerable<string> Sources() =>
        new[] { "src", "tools", "tests", "bench" }.Select(folder => Path.Combine(Repository.Root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    static HashSet<string> Reached(string project)
    {
        var reached = new HashSet<string>();
        var ahead = new Queue<string>([project]);
        while (ahead.TryDequeue(out var next))
        {
            foreach (var folder in ReferencesOf(next).Where(reached.Add))
                ahead.Enqueue(folder);
        }

        return reached;
    }

    static IEnumerable<string> ReferencesOf(string project) =>
        Items(project, "ProjectReference").Select(item => item.Attribute("Include")!.Value.Replace('\\', '/'))
            .Select(target => FolderOf(Path.GetFullPath(Path.Combine(Repository.Root, project, target))));

    static IEnumerable<XElement> Items(string project, string name) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.csproj")
            .SelectMany(file => XDocument.Load(file).Descendants(name));

    static string FolderOf(string projectFile) =>
        Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(projectFile)!).Replace(Path.DirectorySeparatorChar, '/');
}
