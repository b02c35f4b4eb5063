using Protocol.Lwm2m.Definitions;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Definitions;

public sealed class DefinitionFolderTests : IDisposable
{
    readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("definitions-");
    DateTime stamp = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public void Dispose()
    {
        if (directory.Exists)
            directory.Delete(recursive: true);
    }

    [Fact]
    public void OneBadFile_DoesNotTakeTheOthersDown()
    {
        Write("a.xml", SmallDefinition);
        Write("b.xml", "<LWM2M>\n<Object>");
        Write("c.txt", "no definition");
        var folder = new DefinitionFolder(directory.FullName);
        Assert.True(folder.Reload());
        Assert.NotNull(folder.Catalog.Find(4711));
        var error = Assert.Single(folder.Errors);
        Assert.Equal(("b.xml", 2), (error.File, error.Line));
        Assert.StartsWith("b.xml(2): ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Reload_TakesWhatChanged_AndOnlyThen()
    {
        var folder = new DefinitionFolder(directory.FullName);
        Assert.True(folder.Reload());
        Assert.Equal("no *.xml files in this folder", Assert.Single(folder.Errors).Reason);

        Write("a.xml", SmallDefinition);
        Assert.True(folder.Reload());
        Assert.Empty(folder.Errors);
        var catalog = folder.Catalog;
        Assert.False(folder.Reload());
        Assert.Same(catalog, folder.Catalog);

        Write("a.xml", SmallDefinition.Replace("Probe", "Probf", StringComparison.Ordinal));
        Assert.True(folder.Reload());
        Assert.Equal("Probf", folder.Catalog.Find(4711)?.Name);
        Assert.Equal("Probe", catalog.Find(4711)?.Name);

        File.Delete(Path.Combine(directory.FullName, "a.xml"));
        Assert.True(folder.Reload());
        Assert.Null(folder.Catalog.Find(4711));
    }

    [Fact]
    public void FileThatBreaks_KeepsItsLastGoodDefinition()
    {
        Write("a.xml", SmallDefinition);
        var folder = new DefinitionFolder(directory.FullName);
        folder.Reload();
        Write("a.xml", "<LWM2M>");
        Assert.True(folder.Reload());
        Assert.NotNull(folder.Catalog.Find(4711));
        Assert.Single(folder.Errors);
        Write("a.xml", SmallDefinition);
        Assert.True(folder.Reload());
        Assert.Empty(folder.Errors);
    }

    [Fact]
    public void FolderThatGoesAway_KeepsEverything()
    {
        Write("a.xml", SmallDefinition);
        var folder = new DefinitionFolder(directory.FullName);
        folder.Reload();
        directory.Delete(recursive: true);
        Assert.True(folder.Reload());
        Assert.NotNull(folder.Catalog.Find(4711));
        Assert.Equal(directory.FullName, Assert.Single(folder.Errors).File);
        Assert.False(folder.Reload());
    }

    [Fact]
    public void LinkThatTurns_IsAChange()
    {
        Write("old", SmallDefinition);
        Write("new", SmallDefinition.Replace("Probe", "Probf", StringComparison.Ordinal));
        var link = Path.Combine(directory.FullName, "a.xml");
        File.CreateSymbolicLink(link, Path.Combine(directory.FullName, "old"));
        var folder = new DefinitionFolder(directory.FullName);
        folder.Reload();
        File.Delete(link);
        File.CreateSymbolicLink(link, Path.Combine(directory.FullName, "new"));
        Assert.True(folder.Reload());
        Assert.Equal("Probf", folder.Catalog.Find(4711)?.Name);
    }

    // Times are set, since two writes may fall into one tick of the file system.
    void Write(string name, string text)
    {
        var file = Path.Combine(directory.FullName, name);
        File.WriteAllText(file, text);
        File.SetLastWriteTimeUtc(file, stamp = stamp.AddSeconds(1));
    }
}
