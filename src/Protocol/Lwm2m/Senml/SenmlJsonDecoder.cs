using System.Text.Json;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Senml;

/// <summary>SenML in JSON (RFC 8428 section 5): an array of objects.</summary>
static class SenmlJsonDecoder
{
    const int MaxDepth = 8;

    internal static DecodedContent Decode(ReadOnlySpan<byte> payload, in DecodeContext context, SenmlUse use)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                return DecodedContent.Failed("not SenML: no JSON array");
            // A brace in a text only makes room too much.
            var pack = new SenmlPack(context, use, payload.Count((byte)'{'));
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    reader.Skip();
                    if (!pack.AddForeign(payload[start..(int)reader.BytesConsumed]))
                        return pack.ToContent();
                    continue;
                }
                var record = default(SenmlRecord);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var label = SenmlLabels.Of(ContentOf(ref reader));
                    reader.Read();
                    record.Set(label, ValueOf(ref reader));
                }
                if (!pack.Add(record, payload[start..(int)reader.BytesConsumed]))
                    return pack.ToContent();
            }
            return reader.Read() ? DecodedContent.Failed("more than one JSON value") : pack.ToContent();
        }
        // Utf8JsonReader has no face that does not throw.
        catch (JsonException)
        {
            return DecodedContent.Failed($"not JSON, from byte {reader.BytesConsumed}");
        }
    }

    static WireValue ValueOf(scoped ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return WireValue.Of(WireKind.Text, ContentOf(ref reader));
            case JsonTokenType.Number:
                return NumberOf(ref reader);
            case JsonTokenType.True or JsonTokenType.False:
                return WireValue.OfTruth(reader.TokenType == JsonTokenType.True);
            case JsonTokenType.Null:
                return WireValue.Of(WireKind.Null);
            default:
                reader.Skip();
                return WireValue.Of(WireKind.Other);
        }
    }

    static WireValue NumberOf(scoped ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var number))
            return WireValue.OfWhole(number);
        if (reader.TryGetUInt64(out var unsigned))
            return WireValue.OfUnsigned(unsigned);
        return WireValue.OfReal(reader.TryGetDouble(out var real) ? real : double.NaN);
    }

    /// <summary>UTF-8 of a string or a name, copied only where it has escapes. A lone surrogate gives bytes that are not UTF-8.</summary>
    static ReadOnlySpan<byte> ContentOf(scoped ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan;
        var plain = new byte[reader.ValueSpan.Length];
        try
        {
            return plain.AsSpan(0, reader.CopyString(plain));
        }
        catch (InvalidOperationException)
        {
            return NotUtf8;
        }
    }

    static ReadOnlySpan<byte> NotUtf8 => [0xFF];
}
