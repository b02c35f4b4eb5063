using System.Text.Json;
using Pipeline.Tests.Lwm2m;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Attributes;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Links;
using Protocol.Lwm2m.Values;

namespace Pipeline.Tests.Fuzz;

public sealed class Lwm2mFuzzTests
{
    static readonly string[] Requests = ["/", "/2", "/3", "/3/0", "/3/0/6", "/3/0/9", "/3/0/6/1", "/4711/0"];

    [Fact]
    public void Tlv_TakesAnyBytes() => FuzzLoop.Run(
        input => AssertDecodes(ContentFormats.Tlv, input), Samples.DeviceInstance, Samples.AccessControlObject, Samples.LinksInstance);

    [Fact]
    public void Json_TakesAnyBytes() => FuzzLoop.Run(
        input => AssertDecodes(ContentFormats.Json, input),
        Samples.Utf8(Samples.DeviceJson),
        Samples.Utf8("""{"bt":1700000000,"e":[{"n":"/3/0/9","v":1.5e3,"t":-30},{"bv":true},{"ov":"1:2"},{"n":"0","sv":"\u00e4\ud83d\ude00"}]}"""));

    [Fact]
    public void SenmlJson_TakesAnyBytes() => FuzzLoop.Run(
        input =>
        {
            AssertDecodes(ContentFormats.SenmlJson, input);
            AssertDecodes(ContentFormats.SenmlEtchJson, input);
        },
        Samples.Utf8(Samples.DeviceSenml),
        Samples.Utf8("""[{"bn":"/3/0/","bt":1.7e9,"bv":1,"bver":10,"n":"9","v":1.5e3,"t":-30},{"vb":true},{"vlo":"1:2"},{"vd":"-_8"},{"n":"0","vs":"\u00e4\ud83d\ude00"}]"""));

    [Fact]
    public void SenmlCbor_TakesAnyBytes() => FuzzLoop.Run(
        input =>
        {
            AssertDecodes(ContentFormats.SenmlCbor, input);
            AssertDecodes(ContentFormats.SenmlEtchCbor, input);
        },
        Samples.Hex("82 A5 21 65 2F332F302F 22 1A 6553F100 00 61 39 02 18 64 06 24 A2 00 62 3130 02 C4 82 20 0A"),
        Samples.Hex("9F BF 21 7F 63 2F332F 62 302F FF 00 61 39 02 F9 5640 FF A2 00 64 32322F30 63 766C6F 64 36363A31 A2 08 43 010203 04 F5 FF"));

    [Fact]
    public void Cbor_TakesAnyBytes() => FuzzLoop.Run(
        input => AssertDecodes(ContentFormats.Cbor, input),
        Samples.Hex("C1 1A 5182428F"), Samples.Hex("C4 82 21 19 6AB3"), Samples.Hex("5F 42 0102 43 030405 FF"), Samples.Hex("C2 49 010000000000000000"));

    [Fact]
    public void Lwm2mCbor_TakesAnyBytes() => FuzzLoop.Run(
        input => AssertDecodes(ContentFormats.Lwm2mCbor, input),
        Samples.Hex("A1 03 A1 00 A4 09 1864 06 A2 00 01 01 05 0D C1 1A 5182428F 00 63 454D51"),
        Samples.Hex("BF 9F 03 00 FF BF 09 1864 82 06 01 05 FF 83 03 00 0A F6 FF"));

    [Fact]
    public void CompositePaths_TakeAnyBytes() => FuzzLoop.Run(
        input =>
        {
            foreach (var format in new[] { ContentFormats.SenmlJson, ContentFormats.SenmlEtchCbor })
            {
                if (!CompositePaths.TryDecode(format, input, "/lwm2m", out var paths, out _))
                    continue;
                if (!CompositePaths.TryEncode(format, paths, out var payload, out _)
                    || !CompositePaths.TryDecode(format, payload, null, out var again, out _) || !again.SequenceEqual(paths))
                    throw new InvalidOperationException("paths are not read back");
            }
        },
        Samples.Utf8("""[{"bn":"/lwm2m/3/0/"},{"n":"0"},{"bn":"","n":"/1"}]"""), Samples.Hex("82 A1 00 66 2F332F302F39 A2 21 62 2F31 00 62 2F30"));

    [Fact]
    public void Attributes_TakeAnyText() => FuzzLoop.Run(
        input =>
        {
            var query = System.Text.Encoding.UTF8.GetString(input).Split('&');
            if (!NotificationAttributes.TryParse(query, out var attributes, out _))
                return;
            attributes.ReasonAgainst(Lwm2mVersion.V12, new Lwm2mPath(3303, 0, 5700), ResourceType.Float);
            if (!NotificationAttributes.TryParse(attributes.ToQuery(), out var again, out _) || !again.ToQuery().SequenceEqual(attributes.ToQuery()))
                throw new InvalidOperationException("attributes are not read back");
        },
        Samples.Utf8("pmin=10&pmax=60&gt=30.5&lt=-1&st"), Samples.Utf8("epmin=1&epmax=2&edge=1&con=0&hqmax=5"));

    [Fact]
    public void Text_TakesAnyBytes() => FuzzLoop.Run(
        input =>
        {
            AssertDecodes(ContentFormats.Text, input);
            foreach (var type in Enum.GetValues<ResourceType>())
            {
                if (TextValue.TryDecode(type, input, out var value, out _)
                    && !(TextValue.TryDecode(value.Type, TextValue.Encode(value), out var again, out _) && again == value))
                    throw new InvalidOperationException($"{value} is not read back");
            }
        },
        Samples.Utf8("-12345"), Samples.Utf8("1.5e3"), Samples.Utf8("true"), Samples.Utf8("66:1"), Samples.Utf8("AQID"));

    [Fact]
    public void LinkFormat_TakesAnyBytes() => FuzzLoop.Run(
        input =>
        {
            if (!ObjectList.TryParse(input, out var list, out var error))
            {
                if (error.Length == 0)
                    throw new InvalidOperationException("refused without a reason");
                return;
            }
            if (!list.AlternatePath.StartsWith('/') && !list.AlternatePath.Contains("://", StringComparison.Ordinal))
                throw new InvalidOperationException($"alternate path {list.AlternatePath}");
        },
        Samples.Utf8("</lwm2m>;rt=\"oma.lwm2m\";ct=\"60 110\", </lwm2m/1/0>;ver=1.1;obs,</3>;title=\"a\\\",;\",</5/0>,"),
        Samples.Utf8("</>;rt=oma.lwm2m,</1/0>,</3/0>"));

    [Fact]
    public void Paths_TakeAnyBytes() => FuzzLoop.Run(
        input =>
        {
            if (Lwm2mPath.TryParse(input, out var path) && !(Lwm2mPath.TryParse(path.ToString(), out var again) && again == path))
                throw new InvalidOperationException($"{path} is not read back");
        },
        Samples.Utf8("/65535/0/5700/1"), Samples.Utf8("3/0/"));

    [Fact]
    public void Definitions_TakeAnyBytes() => FuzzLoop.Run(
        input =>
        {
            if (!DefinitionReader.TryRead(new MemoryStream(input.ToArray()), "x.xml", out _, out var error) && error.Reason.Length == 0)
                throw new InvalidOperationException("refused without a reason");
        },
        Samples.Utf8(Samples.SmallDefinition), Samples.Utf8("""<?xml version="1.0" encoding="utf-8"?><!DOCTYPE a><LWM2M><Object/></LWM2M>"""));

    static void AssertDecodes(ushort format, ReadOnlySpan<byte> input)
    {
        foreach (var request in Requests)
        {
            var content = ContentDecoder.Decode(format, input, Samples.Reading(request));
            if (content.Error is not null && content.Items.Count > 0)
                throw new InvalidOperationException("an error, and items");
            using var json = new Utf8JsonWriter(Stream.Null);
            json.WriteStartArray();
            foreach (var item in content.Items)
                item.Value.WriteTo(json);
        }
    }
}
