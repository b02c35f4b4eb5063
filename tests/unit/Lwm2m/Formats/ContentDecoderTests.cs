using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Formats;

public sealed class ContentDecoderTests
{
    [Fact]
    public void Tlv_DeviceInstanceOfTheSpecification()
    {
        Assert.Equal(121, DeviceInstance.Length);
        Assert.Equal(
            """
            /3/0/0=Open Mobile Alliance
            /3/0/1=Lightweight M2M Client
            /3/0/2=345000123
            /3/0/3=1.0
            /3/0/6/0=1
            /3/0/6/1=5
            /3/0/7/0=3800
            /3/0/7/1=5000
            /3/0/8/0=125
            /3/0/8/1=900
            /3/0/9=100
            /3/0/10=15
            /3/0/11/0=0
            /3/0/13=1367491215
            /3/0/14=+02:00
            /3/0/16=U
            """,
            Lines(Decode(ContentFormats.Tlv, DeviceInstance, "/3/0")));
    }

    [Fact]
    public void Tlv_WholeObjectOfTheSpecification() =>
        Assert.Equal(
            """
            /2/0/0=1
            /2/0/1=0
            /2/0/2/127=7
            /2/0/3=127
            /2/2/0=3
            /2/2/1=0
            /2/2/2/127=7
            /2/2/2/310=1
            /2/2/3=127
            """,
            Lines(Decode(ContentFormats.Tlv, AccessControlObject, "/2")));

    [Theory]
    [InlineData("/3/0/9", "C1 09 64", "/3/0/9=100")]
    [InlineData("/3/0", "C1 09 64", "/3/0/9=100")]
    // The request is right about which resource it is.
    [InlineData("/3/0/9", "C1 00 64", "/3/0/9=100")]
    // Device can have one instance only.
    [InlineData("/3", "C1 09 64", "/3/0/9=100")]
    [InlineData("/3", "08 00 03 C1 09 64", "/3/0/9=100")]
    // The record says which instance it is, also where the request named another.
    [InlineData("/3303/0", "08 01 0A C8 44 07 00", null)]
    [InlineData("/2/0", "08 02 03 C1 00 03", "/2/2/0=3")]
    [InlineData("/3/0/6", "86 06 41 00 01 41 01 05", "/3/0/6/0=1 /3/0/6/1=5")]
    [InlineData("/3/0/6", "80 06", "")]
    [InlineData("/3/0/6", "41 00 01 41 01 05", "/3/0/6/0=1 /3/0/6/1=5")]
    [InlineData("/3/0/6/1", "41 01 05", "/3/0/6/1=5")]
    [InlineData("/3/0/6/1", "C1 01 05", "/3/0/6/1=5")]
    [InlineData("/3/0/6/1", "83 06 41 01 05", "/3/0/6/1=5")]
    [InlineData("/3303", "", "")]
    public void Tlv_PathsComeFromRecordsAndRequest(string request, string payload, string? items)
    {
        var content = Decode(ContentFormats.Tlv, Hex(payload), request);
        if (items is null)
            Assert.NotNull(content.Error);
        else
            Assert.Equal(items, Lines(content).Replace('\n', ' '));
    }

    [Theory]
    [InlineData("/", "C1 09 64")]
    [InlineData("/3/0/9", "")]
    [InlineData("/3/0", "C1 09")]
    [InlineData("/3/0", "C1 09 64 C8")]
    public void Tlv_ThatSaysNothing_IsAnError(string request, string payload)
    {
        var content = Decode(ContentFormats.Tlv, Hex(payload), request);
        Assert.NotNull(content.Error);
        Assert.Empty(content.Items);
    }

    [Fact]
    public void Tlv_OneBadResource_DoesNotLoseTheOthers()
    {
        // An unknown resource, a Boolean as Integer of 9 bytes, an executable one, and a good one.
        var content = Decode(ContentFormats.Tlv, Hex("C1 63 AA  C8 09 09 010203040506070809  C1 04 01  C1 0A 0F"), "/3/0");
        Assert.Null(content.Error);
        Assert.Null(content.UnknownObject);
        Assert.Equal(
            """
            /3/0/99=qg== (the definition does not have this resource)
            /3/0/9=AQIDBAUGBwgJ (not an integer of up to 8 bytes)
            /3/0/4=AQ== (the definition gives this resource no value)
            /3/0/10=15
            """,
            Lines(content));
    }

    [Fact]
    public void Tlv_DamagedInstance_DoesNotLoseTheOther()
    {
        var content = Decode(ContentFormats.Tlv, Hex("08 00 03 C1 00 01  08 01 02 C1 00  08 02 05 83 02 41 7F 07"), "/2");
        Assert.Equal(
            """
            /2/0/0=1
            /2/1=wQA= (TLV record at byte 0 claims 1 bytes, 0 are there)
            /2/2/2/127=7
            """,
            Lines(content));
    }

    [Theory]
    [InlineData("/3303", "C1 00 01", "/3303=AQ== (TLV record Resource 0 does not belong below the request path)")]
    [InlineData("/3/0", "41 00 01", "/3/0=AQ== (TLV record ResourceInstance 0 does not belong below the request path)")]
    [InlineData("/3", "08 00 03 01 00 AA", "/3/0=qg== (TLV record ObjectInstance 0 inside an object instance)")]
    [InlineData("/3/0", "83 06 C1 00 AA", "/3/0/6=qg== (TLV record Resource 0 inside a multiple resource)")]
    public void Tlv_RecordInTheWrongPlace_ComesRaw(string request, string payload, string items) =>
        Assert.Equal(items, Lines(Decode(ContentFormats.Tlv, Hex(payload), request)));

    [Fact]
    public void UnknownObject_IsSaidAndItsBytesAreKept()
    {
        var tlv = Decode(ContentFormats.Tlv, Hex("C1 01 2A 83 02 41 00 07"), "/4711/0");
        Assert.Equal((ushort)4711, tlv.UnknownObject);
        Assert.Equal("/4711/0/1=Kg== (no definition of the object)\n/4711/0/2/0=Bw== (no definition of the object)", Lines(tlv));

        var text = Decode(ContentFormats.Text, Utf8("42"), "/4711/0/1");
        Assert.Equal((ushort)4711, text.UnknownObject);
        Assert.Equal("/4711/0/1=NDI= (no definition of the object)", Lines(text));
    }

    [Fact]
    public void Version_OfTheDevice_DecidesTheDefinition()
    {
        ObjectDefinition Probe(ushort major, ResourceType type) => new()
        {
            Id = 4711,
            Name = "Probe",
            Version = new ObjectVersion(major, 0),
            Lwm2mVersion = ObjectVersion.Initial,
            Multiple = false,
            Mandatory = false,
            Resources = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(new Dictionary<ushort, ResourceDefinition>
            {
                [1] = new() { Id = 1, Name = "", Type = type, Operations = ResourceOperations.Read, Multiple = false, Mandatory = false },
            }),
        };
        var catalog = new DefinitionCatalog([Probe(1, ResourceType.Integer), Probe(2, ResourceType.String)]);
        DecodedContent With(IReadOnlyDictionary<ushort, ObjectVersion>? versions) => ContentDecoder.Decode(
            ContentFormats.Tlv, Hex("C1 01 41"), new DecodeContext { RequestPath = At("/4711/0"), Definitions = catalog.For(versions) });

        Assert.Equal("/4711/0/1=65", Lines(With(null)));
        Assert.Equal("/4711/0/1=A", Lines(With(new Dictionary<ushort, ObjectVersion> { [4711] = new(2, 0) })));
        Assert.Equal((ushort)4711, With(new Dictionary<ushort, ObjectVersion> { [4711] = new(3, 0) }).UnknownObject);
    }

    [Theory]
    [InlineData("/3/0/0", "EMQ", "EMQ")]
    [InlineData("/3/0/0", "", "")]
    [InlineData("/3/0/9", "100", "100")]
    [InlineData("/3/0/9", " -7\n", "-7")]
    [InlineData("/3/0/9", "1.5", "1.5")]
    [InlineData("/6/0/0", "12", "12")]
    [InlineData("/3/0/13", "1367491215", "1367491215")]
    [InlineData("/1/0/6", "1", "1")]
    [InlineData("/1/0/6", "true", "1")]
    [InlineData("/1/0/6", "0", "0")]
    [InlineData("/1/0/6", "false", "0")]
    [InlineData("/5/0/0", "AQID", "AQID")]
    [InlineData("/3/0/22/0", "3300:1", "3300:1")]
    public void Text_IsTypedByDefinition(string request, string payload, string value)
    {
        var item = Assert.Single(Decode(null, Utf8(payload), request).Items);
        Assert.Null(item.Note);
        Assert.Equal((At(request), value), (item.Path, item.Value.ToString()));
    }

    [Theory]
    [InlineData("/3/0/9", "many")]
    [InlineData("/3/0/9", "")]
    [InlineData("/1/0/6", "yes")]
    [InlineData("/5/0/0", "no base64!")]
    [InlineData("/3/0/22/0", "3300")]
    public void Text_ThatIsNotOfItsType_ComesRaw(string request, string payload)
    {
        var item = Assert.Single(Decode(ContentFormats.Text, Utf8(payload), request).Items);
        Assert.NotNull(item.Note);
        Assert.Equal(Utf8(payload), item.Value.Bytes);
    }

    [Fact]
    public void Text_ThatIsNotUtf8_HasReplacements()
    {
        Assert.Equal("/3/0/0=A\uFFFD", Lines(Decode(ContentFormats.Text, [0x41, 0xFF], "/3/0/0")));
        Assert.Equal("/3/0/0=A\uFFFD", Lines(Decode(ContentFormats.Tlv, [0xC2, 0x00, 0x41, 0xFF], "/3/0/0")));
    }

    [Fact]
    public void Text_OfAWholeInstance_IsAnError() => Assert.NotNull(Decode(ContentFormats.Text, Utf8("1"), "/3/0").Error);

    [Fact]
    public void Opaque_NeedsNoDefinition()
    {
        var content = Decode(ContentFormats.Opaque, [1, 2, 3], "/4711/0/1");
        Assert.Null(content.UnknownObject);
        Assert.Equal("/4711/0/1=AQID", Lines(content));
    }

    [Theory]
    [InlineData(40, false)]
    [InlineData(41, false)]
    [InlineData(47, false)]
    [InlineData(50, false)]
    [InlineData(1, true)]
    [InlineData(65535, true)]
    public void UnknownFormat_ComesRaw_AndOneThatNobodyKnowsSaysSo(int format, bool isForeign)
    {
        var content = Decode((ushort)format, [1, 2, 3], "/3/0");
        Assert.Equal($"/3/0=AQID (content format {format} is not understood)", Lines(content));
        Assert.Equal(isForeign, content.IsForeign);
    }

    [Fact]
    public void EveryBeginningOfTlv_IsReadOrRefused()
    {
        foreach (var payload in new[] { DeviceInstance, AccessControlObject, LinksInstance })
        {
            for (var length = 0; length <= payload.Length; length++)
            {
                var content = Decode(ContentFormats.Tlv, payload.AsSpan(0, length), "/3");
                Assert.Equal(content.Error is null, content.Items.Count > 0 || length == 0);
            }
        }
    }

    [Fact]
    public void TooManyValues_AreRefused()
    {
        var writer = new TlvWriter();
        for (var i = 0; i <= ContentDecoder.MaxItems; i++)
            writer.Write(TlvKind.ResourceInstance, (ushort)i, [1]);
        var nested = new TlvWriter();
        nested.Write(TlvKind.MultipleResource, 6, writer.Written);
        Assert.Equal("more than 65536 values", Decode(ContentFormats.Tlv, nested.Written, "/3/0").Error);
        Assert.Equal("more than 65536 values", Decode(ContentFormats.Tlv, writer.Written, "/3/0/6").Error);
    }

    static DecodedContent Decode(ushort? format, ReadOnlySpan<byte> payload, string request) =>
        ContentDecoder.Decode(format, payload, Reading(request));

    internal static string Lines(DecodedContent content)
    {
        Assert.Null(content.Error);
        return string.Join('\n', content.Items.Select(item =>
            $"{item.Path}={item.Value}{(item.Timestamp is { } time ? $" @{time}" : "")}{(item.Note is null ? "" : $" ({item.Note})")}"));
    }
}
