using CsCheck;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Formats;

/// <summary>The same values through each format are the same values, of the same types.</summary>
public sealed class DifferentialTests
{
    static readonly DefinitionView Definitions = Probe.Definitions.For(null);

    static readonly ushort[] Carriers =
    [
        ContentFormats.Tlv, ContentFormats.Json, ContentFormats.SenmlJson, ContentFormats.SenmlCbor,
        ContentFormats.SenmlEtchJson, ContentFormats.SenmlEtchCbor, ContentFormats.Lwm2mCbor,
    ];

    [Fact]
    public void Instances_AreTheSameInEveryFormat() =>
        Gen.Select(Gen.UShort[0, 3], Gen.UShort, Generators.Values).Array[1, 20].Sample(values =>
        {
            // Sorted, as TLV and LwM2M CBOR group them.
            var expected = values
                .Select(value => new DecodedItem(new Lwm2mPath(4711, value.Item1, (ushort)value.Item3.Type, value.Item2), value.Item3))
                .DistinctBy(item => item.Path).OrderBy(item => item.Path).ToArray();
            AssertEveryFormat(At("/4711"), expected, item => new Lwm2mPath(item.Path.InstanceId, item.Path.ResourceId, item.Path.ResourceInstanceId));
        });

    [Fact]
    public void OneInstance_IsTheSameInEveryFormat() => Generators.Values.Array[1, 9].Sample(values =>
    {
        var expected = values.Select(value => new DecodedItem(new Lwm2mPath(4711, 0, (ushort)value.Type), value))
            .DistinctBy(item => item.Path).OrderBy(item => item.Path).ToArray();
        AssertEveryFormat(At("/4711/0"), expected, item => new Lwm2mPath(item.Path.ResourceId));
    });

    [Fact]
    public void ResourceInstance_IsTheSameInEveryFormat() => Generators.Values.Sample(value =>
    {
        DecodedItem[] expected = [new(new Lwm2mPath(4711, 0, (ushort)value.Type, 7), value)];
        AssertEveryFormat(expected[0].Path, expected, _ => default, ContentFormats.Cbor, ContentFormats.Text);
    });

    [Fact]
    public void Readings_AreTheSameInEveryFormat() => Gen.Select(Gen.UShort, Generators.Values, Gen.Long[0, 100_000_000_000]).Array[1, 20].Sample(values =>
    {
        var readings = values.Select(value => new TimedValue(
            new Lwm2mPath(4711, 0, (ushort)value.Item2.Type, value.Item1), value.Item2, 1_600_000_000_000 + value.Item3)).DistinctBy(value => (value.Path, value.Timestamp)).ToArray();
        foreach (var format in new[] { ContentFormats.SenmlJson, ContentFormats.SenmlCbor })
        {
            Assert.True(ContentEncoder.TryEncodeReadings(format, default, readings, out var payload, out var reason), reason);
            var content = ContentDecoder.Decode(format, payload, new DecodeContext { RequestPath = default, Definitions = Definitions });
            Assert.Equal(readings.Select(value => new DecodedItem(value.Path, value.Value, value.Timestamp)), content.Items);
        }
    });

    [Fact]
    public void EveryBeginning_IsRefusedOrIsTheBeginningOfTheValues()
    {
        ResourceValue[] values =
        [
            new(new Lwm2mPath(1), Lwm2mValue.String("text")), new(new Lwm2mPath(2), Lwm2mValue.Integer(-70000)), new(new Lwm2mPath(4), Lwm2mValue.Float(0.1)),
            new(new Lwm2mPath(5), Lwm2mValue.Boolean(true)), new(new Lwm2mPath(6), Lwm2mValue.Opaque([1, 2, 3])), new(new Lwm2mPath(8), Lwm2mValue.ObjectLink(3, 0)),
        ];
        foreach (var format in Carriers)
        {
            Assert.True(ContentEncoder.TryEncode(format, At("/4711/0"), values, Definitions, out var payload, out _));
            for (var length = 0; length < payload.Length; length++)
            {
                var content = Decode(format, At("/4711/0"), payload.AsSpan(0, length));
                Assert.True(format == ContentFormats.Tlv || content.Error is not null);
                Assert.Equal(values.Take(content.Items.Count).Select(value => value.Value), content.Items.Select(item => item.Value));
            }
        }
    }

    static void AssertEveryFormat(Lwm2mPath request, DecodedItem[] expected, Func<DecodedItem, Lwm2mPath> relative, params ReadOnlySpan<ushort> more)
    {
        var values = expected.Select(item => new ResourceValue(relative(item), item.Value)).ToArray();
        foreach (var format in (ushort[])[.. Carriers, .. more])
        {
            Assert.True(ContentEncoder.TryEncode(format, request, values, Definitions, out var payload, out var reason), $"{format}: {reason}");
            var content = Decode(format, request, payload);
            Assert.Null(content.Error);
            Assert.True(expected.SequenceEqual(content.Items), $"{format}: {string.Join(' ', content.Items)} for {string.Join(' ', expected)}");
        }
    }

    static DecodedContent Decode(ushort format, Lwm2mPath request, ReadOnlySpan<byte> payload) =>
        ContentDecoder.Decode(format, payload, new DecodeContext { RequestPath = request, Definitions = Definitions });
}
