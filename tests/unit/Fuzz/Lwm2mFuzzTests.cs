using System.Text.Json;
using Pipeline.Tests.Lwm2m;
using Protocol.Lwm2m;
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
