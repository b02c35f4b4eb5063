using System.Collections.Frozen;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Values;

namespace Pipeline.Tests.Lwm2m.Definitions;

public sealed class DefinitionCatalogTests
{
    [Theory]
    [InlineData("1.0 1.1 2.0", "1.1", "1.1")]
    // The nearest higher minor version describes all of the wanted one.
    [InlineData("1.0 1.2 1.3", "1.1", "1.2")]
    [InlineData("1.0 1.1", "1.4", "1.1")]
    [InlineData("1.0 1.1", "2.0", null)]
    [InlineData("2.0", "1.0", null)]
    [InlineData("1.0 1.1 2.0", null, "1.0")]
    [InlineData("1.1 1.2", null, "1.1")]
    // Nobody names a version and only another major one is known: better than nothing.
    [InlineData("2.0 2.1", null, "2.1")]
    [InlineData("", null, null)]
    public void Find_TakesTheNearestCompatibleVersion(string known, string? wanted, string? found)
    {
        var catalog = new DefinitionCatalog(known.Split(' ', StringSplitOptions.RemoveEmptyEntries).Reverse().Select(version => Probe(version)));
        ObjectVersion? version = ObjectVersion.TryParse(wanted, out var parsed) ? parsed : null;
        Assert.Equal(found, catalog.Find(4711, version)?.Version.ToString());
    }

    [Fact]
    public void FindResource_LooksIntoHigherMinorVersions()
    {
        var catalog = new DefinitionCatalog([Probe("1.0", 1), Probe("1.1", 1, 2), Probe("2.0", 1, 2, 3)]);
        Assert.Equal("r1 of 1.0", catalog.FindResource(4711, 1)?.Name);
        Assert.Equal("r2 of 1.1", catalog.FindResource(4711, 2)?.Name);
        Assert.Null(catalog.FindResource(4711, 3));
        Assert.Equal("r3 of 2.0", catalog.FindResource(4711, 3, new ObjectVersion(2, 0))?.Name);
        Assert.Null(catalog.FindResource(4712, 1));
    }

    [Fact]
    public void SameVersionTwice_TheLaterCounts()
    {
        var catalog = new DefinitionCatalog([Probe("1.0", 1), Probe("1.0", 2)]);
        Assert.Equal(1, catalog.Count);
        Assert.NotNull(catalog.FindResource(4711, 2));
        Assert.Null(catalog.FindResource(4711, 1));
    }

    [Fact]
    public void View_UsesTheVersionsOfTheDevice()
    {
        var catalog = new DefinitionCatalog([Probe("1.0"), Probe("2.0")]);
        var view = catalog.For(new Dictionary<ushort, ObjectVersion> { [4711] = new(2, 0) });
        Assert.Equal("2.0", view.FindObject(4711)?.Version.ToString());
        Assert.Null(default(DefinitionView).FindObject(4711));
        Assert.Null(default(DefinitionView).FindResource(4711, 1));
    }

    [Theory]
    // What the device names counts, whatever version of LwM2M it speaks.
    [InlineData(Lwm2mVersion.V11, 3, "1.0", "1.0")]
    [InlineData(Lwm2mVersion.V10, 3, "1.2", "1.2")]
    // What it leaves out is as its version of LwM2M was published.
    [InlineData(Lwm2mVersion.V10, 3, null, "1.0")]
    [InlineData(Lwm2mVersion.V11, 3, null, "1.1")]
    [InlineData(Lwm2mVersion.V12, 3, null, "1.2")]
    // Other objects know no such rule.
    [InlineData(Lwm2mVersion.V12, 3303, null, "1.0")]
    public void View_UsesTheVersionOfLwm2mForCoreObjects(Lwm2mVersion lwm2m, int objectId, string? named, string found)
    {
        var catalog = new DefinitionCatalog(
            from id in new ushort[] { 3, 3303 } from version in new[] { "1.0", "1.1", "1.2" } select Probe(version) with { Id = id });
        var versions = ObjectVersion.TryParse(named, out var parsed) ? new Dictionary<ushort, ObjectVersion> { [(ushort)objectId] = parsed } : null;
        Assert.Equal(found, catalog.For(versions, lwm2m).FindObject((ushort)objectId)?.Version.ToString());
    }

    static ObjectDefinition Probe(string version, params ushort[] resources)
    {
        Assert.True(ObjectVersion.TryParse(version, out var parsed));
        return new ObjectDefinition
        {
            Id = 4711,
            Name = "Probe",
            Version = parsed,
            Lwm2mVersion = ObjectVersion.Initial,
            Multiple = true,
            Mandatory = false,
            Resources = resources.ToFrozenDictionary(id => id, id => new ResourceDefinition
            {
                Id = id,
                Name = $"r{id} of {version}",
                Type = ResourceType.Integer,
                Operations = ResourceOperations.Read,
                Multiple = false,
                Mandatory = false,
            }),
        };
    }
}
