using Protocol.Lwm2m.Definitions;

namespace Pipeline.Tests.Lwm2m;

/// <summary>Folders of the working copy that the tests read.</summary>
static class Repository
{
    internal static string Root { get; } = Up(AppContext.BaseDirectory).First(folder => File.Exists(Path.Combine(folder, "Pipeline.sln")));

    internal static string ShippedDefinitions => Path.Combine(Root, "lwm2m_xml");

    /// <summary>The OMA registry beside the working copy or above; null where it is not.</summary>
    internal static string? Registry { get; } =
        Up(Root).Select(folder => Path.Combine(folder, "shared", "lwm2m-registry")).FirstOrDefault(Directory.Exists);

    /// <summary>The definitions that are shipped.</summary>
    internal static DefinitionCatalog Shipped { get; } = Load();

    static DefinitionCatalog Load()
    {
        var folder = new DefinitionFolder(ShippedDefinitions);
        folder.Reload();
        return folder.Catalog;
    }

    static IEnumerable<string> Up(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            yield return at.FullName;
    }
}
