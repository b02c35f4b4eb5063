using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;

namespace Tools.Decoding;

/// <summary>TLV records as an indented list, with names and typed values where the definitions know them.</summary>
sealed class TlvExplanation(DefinitionView definitions, List<string> lines)
{
    const int MaxGuessedText = 80;

    /// <summary>An empty <paramref name="requestPath"/> is one that is not known.</summary>
    public void Add(ReadOnlySpan<byte> payload, Lwm2mPath requestPath) => Add(payload, requestPath, 1);

    void Add(ReadOnlySpan<byte> records, Lwm2mPath path, int level)
    {
        var indent = new string(' ', 2 * level);
        if (!TlvReader.TryOpen(records, out var reader, out var reason))
        {
            lines.Add($"{indent}{reason}: {Convert.ToHexStringLower(records)}");
            return;
        }
        while (reader.Read())
        {
            var place = PlaceOf(reader.Kind, reader.Id, path);
            lines.Add(indent + DescribeHead(reader.Kind, reader.Id, place) + (HoldsRecords(reader.Kind) ? "" : DescribeValue(reader.Value, place)));
            // Records nest as the format allows and no deeper, whatever the payload says.
            if (HoldsRecords(reader.Kind) && level < Lwm2mPath.MaxDepth)
                Add(reader.Value, place, level + 1);
        }
    }

    static bool HoldsRecords(TlvKind kind) => kind is TlvKind.ObjectInstance or TlvKind.MultipleResource;

    static Lwm2mPath PlaceOf(TlvKind kind, ushort id, Lwm2mPath path) => kind switch
    {
        TlvKind.ObjectInstance when path.Depth > 0 => path.Take(1).Append(id),
        TlvKind.Resource or TlvKind.MultipleResource when path.Depth > 1 => path.Take(2).Append(id),
        // The instance is not named, but for the name of a resource its number does not matter.
        TlvKind.Resource or TlvKind.MultipleResource when path.Depth == 1 => path.Append(0).Append(id),
        TlvKind.ResourceInstance when path.Depth > 2 => path.Take(3).Append(id),
        _ => default,
    };

    string DescribeHead(TlvKind kind, ushort id, Lwm2mPath place)
    {
        var name = kind switch
        {
            TlvKind.ObjectInstance => place.IsRoot ? null : definitions.FindObject(place.ObjectId)?.Name,
            TlvKind.ResourceInstance => null,
            _ => place.IsRoot ? null : definitions.FindResource(place.ObjectId, place.ResourceId)?.Name,
        };
        var kindName = kind switch
        {
            TlvKind.ObjectInstance => "object instance",
            TlvKind.ResourceInstance => "resource instance",
            TlvKind.MultipleResource => "multiple resource",
            _ => "resource",
        };
        return name is null ? $"{kindName} {id}" : $"{kindName} {id} {name}";
    }

    string DescribeValue(ReadOnlySpan<byte> value, Lwm2mPath place)
    {
        var definition = place.Depth < 3 ? null : definitions.FindResource(place.ObjectId, place.ResourceId);
        if (definition is null)
            return $" = {Guess(value)}";
        if (!TlvValue.TryDecode(definition.Type, value, out var typed, out var reason))
            return $" = 0x{Convert.ToHexStringLower(value)}: {reason}";
        var unit = definition.Units.Length == 0 ? "" : " " + definition.Units;
        return $" = {PlainText.Of(typed.ToString())}{unit} ({definition.Type})";
    }

    // Without a definition only what the bytes may be can be told.
    static string Guess(ReadOnlySpan<byte> value)
    {
        var text = new StringBuilder("0x").Append(Convert.ToHexStringLower(value));
        if (value.Length is 1 or 2 or 4 or 8 && TlvValue.TryDecode(Protocol.Lwm2m.Values.ResourceType.Integer, value, out var number, out _))
            text.Append(CultureInfo.InvariantCulture, $", as integer {number}");
        if (value.Length == 4)
            text.Append(CultureInfo.InvariantCulture, $", as float {BinaryPrimitives.ReadSingleBigEndian(value)}");
        if (value.Length == 8)
            text.Append(CultureInfo.InvariantCulture, $", as float {BinaryPrimitives.ReadDoubleBigEndian(value)}");
        if (value.Length is > 0 and <= MaxGuessedText && value.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0)
            text.Append(CultureInfo.InvariantCulture, $", as text \"{Encoding.ASCII.GetString(value)}\"");
        return text.ToString();
    }
}
