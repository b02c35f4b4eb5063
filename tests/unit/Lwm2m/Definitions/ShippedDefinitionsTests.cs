using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Values;

namespace Pipeline.Tests.Lwm2m.Definitions;

public sealed class ShippedDefinitionsTests
{
    static readonly ushort[] Objects =
        [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 16, 19, 21, 25, 3200, 3201, 3202, 3203, 3300, 3301, 3302, 3303, 3304, 3305, 3306, 3308, 3310, .. Enumerable.Range(3311, 37).Select(id => (ushort)id)];

    [Fact]
    public void Folder_LoadsWithoutErrors()
    {
        var folder = new DefinitionFolder(Repository.ShippedDefinitions);
        Assert.True(folder.Reload());
        Assert.Empty(folder.Errors);
        Assert.Equal(Directory.GetFiles(Repository.ShippedDefinitions, "*.xml").Length, folder.Catalog.Count);
        Assert.Equal(Objects, folder.Catalog.All.Select(definition => definition.Id).Distinct());
    }

    [Fact]
    public void FileNames_TellObjectAndVersion()
    {
        foreach (var file in Directory.GetFiles(Repository.ShippedDefinitions, "*.xml"))
        {
            using var stream = File.OpenRead(file);
            Assert.True(DefinitionReader.TryRead(stream, file, out var definition, out var error), error?.ToString());
            var name = Path.GetFileNameWithoutExtension(file);
            Assert.StartsWith(definition.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), name, StringComparison.Ordinal);
            if (name.Contains('-', StringComparison.Ordinal))
                Assert.EndsWith($"-v{definition.Version.Major}_{definition.Version.Minor}", name, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void EveryResource_ThatIsNotExecuted_HasAType() =>
        Assert.All(Repository.Shipped.All, definition => Assert.All(definition.Resources.Values, resource =>
        {
            Assert.Equal(resource.Operations == ResourceOperations.Execute, resource.Type == ResourceType.None);
            Assert.NotEmpty(resource.Name);
        }));

    [Theory]
    [InlineData(Lwm2mVersion.V10, "0 1.0, 1 1.0, 2 1.0, 3 1.0, 4 1.0, 5 1.0, 6 1.0, 7 1.0, 21 1.0")]
    [InlineData(Lwm2mVersion.V11, "0 1.1, 1 1.1, 2 1.0, 3 1.1, 4 1.2, 5 1.0, 6 1.0, 7 1.0, 21 1.0")]
    [InlineData(Lwm2mVersion.V12, "0 1.2, 1 1.2, 2 1.1, 3 1.2, 4 1.3, 5 1.1, 6 1.0, 7 1.0, 21 2.0")]
    public void EveryVersionOfLwm2m_HasItsCoreObjects(Lwm2mVersion lwm2m, string objects) =>
        Assert.All(objects.Split(", "), pair =>
        {
            var (id, version) = (pair.Split(' ')[0], pair.Split(' ')[1]);
            var definition = Repository.Shipped.For(null, lwm2m).FindObject(ushort.Parse(id, System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(version, definition?.Version.ToString());
        });

    [Theory]
    [InlineData(3, 0, ResourceType.String, ResourceOperations.Read)]
    [InlineData(3, 4, ResourceType.None, ResourceOperations.Execute)]
    [InlineData(3, 13, ResourceType.Time, ResourceOperations.Read | ResourceOperations.Write)]
    [InlineData(3, 22, ResourceType.ObjectLink, ResourceOperations.Read)]
    [InlineData(5, 0, ResourceType.Opaque, ResourceOperations.Write)]
    [InlineData(6, 0, ResourceType.Float, ResourceOperations.Read)]
    [InlineData(3303, 5700, ResourceType.Float, ResourceOperations.Read)]
    [InlineData(3311, 5850, ResourceType.Boolean, ResourceOperations.Read | ResourceOperations.Write)]
    public void Resource_IsAsTheRegistrySays(int objectId, int resourceId, ResourceType type, ResourceOperations operations)
    {
        var resource = Repository.Shipped.FindResource((ushort)objectId, (ushort)resourceId);
        Assert.Equal((type, operations), (resource?.Type, resource?.Operations));
    }
}
