using Protocol.Lwm2m.Definitions;

namespace Pipeline.Tests.Lwm2m.Definitions;

/// <summary>The definitions of the OMA registry, where a copy of it lies beside the working copy.</summary>
public sealed class RegistryTests
{
    // These lie among the definitions but are lists of other things.
    static readonly string[] NoDefinitions = ["Common.xml", "DDF.xml", "LWM2M_senml_units.xml"];

    [Theory]
    [InlineData(".")]
    [InlineData("version_history")]
    public void EveryFile_IsReadOrIsNoDefinition(string subfolder)
    {
        Assert.SkipWhen(Repository.Registry is null, "no folder shared/lwm2m-registry beside or above the working copy");
        var path = Path.Combine(Repository.Registry, subfolder);
        var folder = new DefinitionFolder(path);
        folder.Reload();
        Assert.Equal([], folder.Errors.Where(error => !NoDefinitions.Contains(error.File)));
        Assert.Equal(Directory.GetFiles(path, "*.xml").Length - folder.Errors.Count, folder.Catalog.Count);
    }

    [Fact]
    public void ShippedFacts_AreThoseOfTheRegistry()
    {
        Assert.SkipWhen(Repository.Registry is null, "no folder shared/lwm2m-registry beside or above the working copy");
        var registry = new DefinitionFolder(Path.Combine(Repository.Registry, "version_history"));
        registry.Reload();
        Assert.All(Repository.Shipped.All, shipped =>
        {
            var original = registry.Catalog.Find(shipped.Id, shipped.Version);
            Assert.Equal(shipped.Version, original?.Version);
            Assert.Equal(
                original!.Resources.Values.Select(resource => (resource.Id, resource.Type, resource.Operations, resource.Multiple, resource.Mandatory)).Order(),
                shipped.Resources.Values.Select(resource => (resource.Id, resource.Type, resource.Operations, resource.Multiple, resource.Mandatory)).Order());
        });
    }
}
