using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Definitions;

public sealed class DefinitionReaderTests
{
    [Fact]
    public void SmallDefinition_IsReadWithDefaults()
    {
        var definition = Read(SmallDefinition);
        Assert.Equal((4711, "Probe", "1.0", "1.0", false), (definition.Id, definition.Name, definition.Version.ToString(), definition.Lwm2mVersion.ToString(), definition.Multiple));
        Assert.Equal(
            new ResourceDefinition
            {
                Id = 1,
                Name = "Reading",
                Type = ResourceType.Float,
                Operations = ResourceOperations.Read,
                Multiple = false,
                Mandatory = false,
                Units = "m",
            },
            definition.Resources[1]);
        Assert.Equal((ResourceOperations.Read | ResourceOperations.Write, true), (definition.Resources[2].Operations, definition.Resources[2].Multiple));
    }

    [Fact]
    public void WholeDefinition_IsRead()
    {
        var definition = Read("""
            <?xml version="1.0" encoding="utf-8"?>
            <!-- comment -->
            <LWM2M xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
              <Object ObjectType="MODefinition">
                <Name> Probe </Name>
                <Description1><![CDATA[<b>bold</b>]]></Description1>
                <ObjectID>4711</ObjectID>
                <ObjectURN>urn:oma:lwm2m:x:4711:2.1</ObjectURN>
                <LWM2MVersion>1.1</LWM2MVersion>
                <ObjectVersion>2.1</ObjectVersion>
                <MultipleInstances>Multiple</MultipleInstances>
                <Mandatory>Mandatory</Mandatory>
                <Resources>
                  <Item ID="7"><Name>Stop</Name><Operations>E</Operations><MultipleInstances>Single</MultipleInstances>
                    <Mandatory>Mandatory</Mandatory><Type></Type><RangeEnumeration/><Units /><Description>x</Description></Item>
                  <Item ID="8"><Name>Sum</Name><Operations></Operations><Type>Unsigned Integer</Type><RangeEnumeration>0..9</RangeEnumeration></Item>
                </Resources>
                <Description2/>
              </Object>
            </LWM2M>
            """);
        Assert.Equal(
            ("Probe", "urn:oma:lwm2m:x:4711:2.1", new ObjectVersion(1, 1), new ObjectVersion(2, 1), true, true),
            (definition.Name, definition.Urn, definition.Lwm2mVersion, definition.Version, definition.Multiple, definition.Mandatory));
        Assert.Equal((ResourceType.None, ResourceOperations.Execute, true), (definition.Resources[7].Type, definition.Resources[7].Operations, definition.Resources[7].Mandatory));
        Assert.Equal((ResourceType.UnsignedInteger, ResourceOperations.None, "0..9"), (definition.Resources[8].Type, definition.Resources[8].Operations, definition.Resources[8].Range));
    }

    [Theory]
    [InlineData("", 0, null)]
    [InlineData("<LWM2M>\n<Object>\n</LWM2M>", 3, null)]
    [InlineData("<DDF/>", 1, "the root element is DDF, not LWM2M")]
    [InlineData("<LWM2M/>", 1, "no Object")]
    // The reader gives a refused document type no line.
    [InlineData("<!DOCTYPE LWM2M [<!ENTITY a \"b\">]>\n<LWM2M>&a;</LWM2M>", 0, null)]
    [InlineData("<LWM2M>\n<Object><Name>x</Name><Resources/></Object></LWM2M>", 2, "the object has no ObjectID")]
    [InlineData("<LWM2M>\n<Object><ObjectID>1</ObjectID><Resources/></Object></LWM2M>", 2, "the object has no Name")]
    [InlineData("<LWM2M>\n<Object><ObjectID>1</ObjectID><Name>x</Name></Object></LWM2M>", 2, "the object has no Resources")]
    [InlineData("<LWM2M><Object>\n\n<ObjectID>70000</ObjectID></Object></LWM2M>", 3, "the ObjectID \"70000\" is not a number from 0 to 65535")]
    [InlineData("<LWM2M><Object>\n<ObjectVersion>new</ObjectVersion></Object></LWM2M>", 2, "the version \"new\" is not of the form 1.0")]
    [InlineData("<LWM2M><Object>\n<Mandatory>maybe</Mandatory></Object></LWM2M>", 2, "\"maybe\" is neither Mandatory nor Optional")]
    [InlineData("<LWM2M><Object><Resources>\n<Item ID=\"x\"/></Resources></Object></LWM2M>", 2, "the ID \"x\" of a resource is not a number from 0 to 65535")]
    [InlineData("<LWM2M><Object><Resources>\n<Item/></Resources></Object></LWM2M>", 2, "the ID \"\" of a resource is not a number from 0 to 65535")]
    [InlineData("<LWM2M><Object><Resources>\n<Item ID=\"1\"/>\n<Item ID=\"1\"/></Resources></Object></LWM2M>", 3, "a second resource 1")]
    [InlineData("<LWM2M><Object><Resources><Item ID=\"1\">\n<Type>Decimal</Type></Item></Resources></Object></LWM2M>", 2, "the type \"Decimal\" is not known")]
    [InlineData("<LWM2M><Object><Resources><Item ID=\"1\">\n<Operations>RX</Operations></Item></Resources></Object></LWM2M>", 2, "the operations \"RX\" are not made of R, W and E")]
    [InlineData("<LWM2M><Object><Name>\n<b/></Name></Object></LWM2M>", 2, null)]
    public void BrokenFile_IsNamedWithLineAndReason(string xml, int line, string? reason)
    {
        Assert.False(DefinitionReader.TryRead(new MemoryStream(Utf8(xml)), "x.xml", out var definition, out var error));
        Assert.Null(definition);
        Assert.Equal(("x.xml", line), (error.File, error.Line));
        Assert.NotEmpty(error.Reason);
        if (reason is not null)
            Assert.Equal(reason, error.Reason);
    }

    [Fact]
    public void SecondObject_IsRefused()
    {
        var twice = SmallDefinition.Replace("</LWM2M>", SmallDefinition["<LWM2M>".Length..], StringComparison.Ordinal);
        Assert.False(DefinitionReader.TryRead(new MemoryStream(Utf8(twice)), "x.xml", out _, out var error));
        Assert.Equal("a second Object; one file defines one object", error.Reason);
    }

    [Fact]
    public void HugeOrDeepFile_IsRefused()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", DefinitionReader.MaxLength / 3));
        Assert.False(DefinitionReader.TryRead(new MemoryStream(Utf8($"<LWM2M>{deep}")), "x.xml", out _, out _));
        var large = $"<LWM2M><!--{new string('x', DefinitionReader.MaxLength)}--></LWM2M>";
        Assert.False(DefinitionReader.TryRead(new MemoryStream(Utf8(large)), "x.xml", out _, out _));
    }

    [Fact]
    public void BrokenCharacterBeforeTheEncoding_IsRefused()
    {
        var xml = Samples.Hex("3C3F786D6C2076657273696F6E3D22312E30FF2220656E636F64696E673D227574662D38223F3E");
        Assert.False(DefinitionReader.TryRead(new MemoryStream(xml), "x.xml", out _, out var error));
        Assert.Equal("x.xml(1): the XML declaration cannot be read", error.ToString());
    }

    [Fact]
    public void EveryBeginning_IsRefused()
    {
        var xml = Utf8(SmallDefinition);
        for (var length = 0; length < xml.Length; length++)
            Assert.False(DefinitionReader.TryRead(new MemoryStream(xml, 0, length), "x.xml", out _, out _));
    }

    static ObjectDefinition Read(string xml)
    {
        Assert.True(DefinitionReader.TryRead(new MemoryStream(Utf8(xml)), "x.xml", out var definition, out var error), error?.ToString());
        return definition;
    }
}
