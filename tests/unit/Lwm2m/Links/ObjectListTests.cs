using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Links;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Links;

public sealed class ObjectListTests
{
    [Theory]
    [InlineData("</1>, </2>, </3>", "/", "/1 /2 /3")]
    [InlineData("</>;rt=\"oma.lwm2m\";ct=11543,</lwm2m/1/0>,</lwm2m/2/0>", "/", "/lwm2m/1/0 /lwm2m/2/0")]
    [InlineData("</lwm2m>;rt=\"oma.lwm2m\";ct=11543,</lwm2m/1/0>,</3/0>", "/lwm2m", "/1/0 /3/0")]
    [InlineData("</lwm2m/>;rt=\"oma.lwm2m\",</lwm2m/1/0>", "/lwm2m", "/1/0")]
    [InlineData("</lwm2m>;rt=oma.lwm2m,</lwm2m/3/0>", "/lwm2m", "/3/0")]
    [InlineData("</lwm2m/1/0>,</lwm2m>;rt=\"core.x oma.lwm2m\"", "/lwm2m", "/1/0")]
    [InlineData("</a/b>;rt=\"oma.lwm2m\",</a/b/1/0>,</a/bc/2>", "/a/b", "/1/0 /a/bc/2")]
    [InlineData("</lwm2m>;rt=\"oma.lwm2m\",</lwm2mx/1/0>,</lwm2m/1>", "/lwm2m", "/lwm2mx/1/0 /1")]
    [InlineData("</a>;rt=\"oma.lwm2m\",</b>;rt=\"oma.lwm2m\",</a/1>", "/a", "/1")]
    [InlineData("</1/0>,", "/", "/1/0")]
    [InlineData("<1/0>", "/", "/1/0")]
    [InlineData("</1/0>;title=\"a,b\"", "/", "/1/0")]
    [InlineData("</1/0>;obs,</3/0>;", "/", "/1/0 /3/0")]
    [InlineData("", "/", "")]
    public void Payload_GivesAlternatePathAndObjectList(string payload, string alternatePath, string paths)
    {
        var list = Parse(payload);
        Assert.Equal(alternatePath, list.AlternatePath);
        Assert.Equal(paths, string.Join(' ', list.Paths));
    }

    [Fact]
    public void Versions_AreTakenPerObject()
    {
        var list = Parse("</>;rt=\"oma.lwm2m\";ct=\"60 112\",</1/0>,</3>;ver=1.1,</5/0>;ver=\"1.2\",</6>;ver=x");
        Assert.Equal([(At("/1/0"), null), (At("/3"), "1.1"), (At("/5/0"), "1.2"), (At("/6"), null)],
            list.Entries.Select(entry => (entry.Path, entry.Version?.ToString())));
        Assert.Equal(new ObjectVersion(1, 2), list.Versions[5]);
        Assert.Equal(2, list.Versions.Count);
        Assert.Contains(new LinkAttribute("ct", "60 112"), list.RootAttributes);
        Assert.Equal([60, 112], list.Formats.All);
    }

    [Fact]
    public void RootWithoutType_StillGivesItsAttributes()
    {
        var list = Parse("</>;ct=110,</3/0>");
        Assert.Equal([new LinkAttribute("ct", "110")], list.RootAttributes);
        Assert.Equal(["/3/0"], list.Paths);
    }

    [Fact]
    public void OtherLinks_StayInTheListButAreNoEntries()
    {
        var list = Parse("</sensors/temp>;if=\"x\",</3/0>,</3/0/1>,<coap://host/3>");
        Assert.Equal(["/sensors/temp", "/3/0", "/3/0/1", "coap://host/3"], list.Paths);
        Assert.Equal([At("/3/0")], list.Entries.Select(entry => entry.Path));
    }

    [Fact]
    public void BrokenPayload_IsRefused()
    {
        Assert.False(ObjectList.TryParse(Utf8("</1/0"), out var list, out var error));
        Assert.Null(list);
        Assert.NotEmpty(error);
    }

    static ObjectList Parse(string payload)
    {
        Assert.True(ObjectList.TryParse(Utf8(payload), out var list, out var error), error);
        return list;
    }
}
