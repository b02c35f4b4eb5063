using System.Text;

namespace Translator.Operations;

/// <summary>Key of a record of the operations topic: endpoint, NUL, command id.</summary>
public readonly record struct OperationKey(string Endpoint, string CommandId)
{
    public byte[] ToBytes() => Encoding.UTF8.GetBytes($"{Endpoint}\0{CommandId}");

    public static bool TryParse(ReadOnlySpan<byte> bytes, out OperationKey key)
    {
        var end = bytes.IndexOf((byte)0);
        key = end > 0 ? new OperationKey(Encoding.UTF8.GetString(bytes[..end]), Encoding.UTF8.GetString(bytes[(end + 1)..])) : default;
        return end > 0;
    }
}
