using System.Text.RegularExpressions;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Values;

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
                (Words(original!.Name), original.Urn, original.Multiple, original.Mandatory, original.Lwm2mVersion),
                (shipped.Name, shipped.Urn, shipped.Multiple, shipped.Mandatory, shipped.Lwm2mVersion));
            Assert.Equal(original.Resources.Values.Select(Facts).Order(), shipped.Resources.Values.Select(Facts).Order());
        });
    }

    static (ushort, string, ResourceType, ResourceOperations, bool, bool, string, string) Facts(ResourceDefinition resource) =>
        (resource.Id, Words(resource.Name), resource.Type, resource.Operations, resource.Multiple, resource.Mandatory, Bounds(resource.Range), resource.Units);

    static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    // We write "0..7" where the registry has "0-7" too, and leave out sentences that send the reader to a document.
    static string Bounds(string range) =>
        range.StartsWith("The possible values", StringComparison.Ordinal) ? "" : Regex.Replace(range, "^([0-9]+)-([0-9]+)$", "$1..$2");
}
