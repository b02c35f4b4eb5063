using System.Buffers.Text;
using Contracts;

namespace Egress.Publishing;

/// <summary>A <c>ce_id</c> as the Translator writes it, taken apart: 32 hexadecimal digits, a hyphen, a number.</summary>
internal readonly record struct EventKey(EventId Id, int Index)
{
    private const int Half = 16;

    /// <summary>False for ids of another form, which nobody here gave.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out EventKey key)
    {
        key = default;
        if (text.Length <= (2 * Half) + 1 || text[2 * Half] != (byte)'-'
            || !Utf8Parser.TryParse(text[..Half], out ulong high, out var read, 'x') || read != Half
            || !Utf8Parser.TryParse(text[Half..(2 * Half)], out ulong low, out read, 'x') || read != Half
            || !Utf8Parser.TryParse(text[((2 * Half) + 1)..], out int index, out read) || read != text.Length - (2 * Half) - 1)
        {
            return false;
        }

        key = new EventKey(new EventId(high, low), index);
        return true;
    }

    // The id is a hash already.
    public override int GetHashCode() => Id.Low.GetHashCode() + Index;
}
