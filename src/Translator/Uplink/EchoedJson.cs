using System.Text.Json;

namespace Translator.Uplink;

/// <summary>The keys of a JSON object, in their order, as slices of its bytes. What is no object has none.</summary>
internal readonly struct EchoedJson
{
    private readonly (Range Name, Range Value)[] _members;
    private readonly ReadOnlyMemory<byte> _json;

    private EchoedJson(ReadOnlyMemory<byte> json, (Range, Range)[] members, int count)
    {
        _json = json;
        _members = members;
        Count = count;
    }

    public int Count { get; }

    /// <summary>The name as it stands between its quotes.</summary>
    public ReadOnlySpan<byte> Name(int index) => _json.Span[_members[index].Name];

    public ReadOnlySpan<byte> Value(int index) => _json.Span[_members[index].Value];

    /// <summary>The value of a key; empty where it is missing.</summary>
    public ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Name(i).SequenceEqual(name))
            {
                return Value(i);
            }
        }

        return default;
    }

    /// <summary>The bytes come from the command's own context and have been checked there; anything else is a bug and throws.</summary>
    public static EchoedJson Of(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty || json.Span[0] != '{')
        {
            return default;
        }

        var members = new (Range, Range)[8];
        var count = 0;
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = ((int)reader.TokenStartIndex + 1)..((int)reader.TokenStartIndex + 1 + reader.ValueSpan.Length);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (count == members.Length)
            {
                Array.Resize(ref members, count * 2);
            }

            members[count++] = (name, start..(int)reader.BytesConsumed);
        }

        return new EchoedJson(json, members, count);
    }
}
