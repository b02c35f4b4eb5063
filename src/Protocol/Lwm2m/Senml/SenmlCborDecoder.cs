using Protocol.Lwm2m.Cbor;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Senml;

/// <summary>SenML in CBOR (RFC 8428 section 6): an array of maps with numbers for labels. Items of indefinite length are read too.</summary>
static class SenmlCborDecoder
{
    internal static DecodedContent Decode(ReadOnlySpan<byte> payload, in DecodeContext context, SenmlUse use)
    {
        var reader = new CborReader(payload);
        if (!reader.TryOpen(CborMajor.Array, out var records))
            return DecodedContent.Failed(reader.Fault!);
        var pack = new SenmlPack(context, use, records.Expected);
        while (reader.HasNext(ref records))
        {
            var start = reader.Position;
            if (!reader.IsNext(CborMajor.Map))
            {
                if (!reader.TrySkip() || !pack.AddForeign(reader.Since(start)))
                    break;
                continue;
            }
            if (!TryRecord(ref reader, out var record) || !pack.Add(record, reader.Since(start)))
                break;
        }
        return reader.Fault is { } fault ? DecodedContent.Failed(fault)
            : !pack.IsRefused && !reader.IsAtEnd ? DecodedContent.Failed($"bytes after the SenML pack, from byte {reader.Position}")
            : pack.ToContent();
    }

    static bool TryRecord(scoped ref CborReader reader, out SenmlRecord record)
    {
        record = default;
        if (!reader.TryOpen(CborMajor.Map, out var fields))
            return false;
        while (reader.HasNext(ref fields))
        {
            if (!reader.TryValue(out var label) || !reader.TryValue(out var field))
                return false;
            record.Set(LabelOf(label), field);
        }
        return reader.Fault is null;
    }

    static SenmlLabel LabelOf(in WireValue label) => label.Kind switch
    {
        WireKind.Whole when label.TryInteger(out var number) => SenmlLabels.Of(number),
        WireKind.Text => SenmlLabels.Of(label.Bytes),
        _ => SenmlLabel.Unknown,
    };
}
