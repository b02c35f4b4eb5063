using System.Text;
using Contracts;
using Google.Protobuf.Collections;

namespace Ingress.Access;

/// <summary>
/// The attributes that an authenticator gives a device. They stand in topics and in every event of the device, so those that hold '+', '#',
/// '/' or a control character are left out, and those that are too many.
/// </summary>
static class ClientAttributes
{
    /// <summary>Names and values of one device, in bytes.</summary>
    public const int MostBytes = 2048;

    /// <summary>How many were left out.</summary>
    public static int Copy(IReadOnlyDictionary<string, string> given, MapField<string, string> attributes)
    {
        var (left, bytes) = (0, 0);
        foreach (var (name, value) in given.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            var size = Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);
            if (!Mountpoint.IsSafe(value) || name.Length == 0 || bytes + size > MostBytes)
            {
                left++;
                continue;
            }

            bytes += size;
            attributes[name] = value;
        }

        return left;
    }
}
