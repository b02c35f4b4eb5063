using System.Text;

namespace Egress.Relay;

/// <summary>What may be subscribed to (MQTT 5 section 4.7).</summary>
internal static class TopicFilter
{
    private const int MaxBytes = 65535;

    /// <summary>False where a broker would end the connection over it.</summary>
    public static bool IsValid(string filter)
    {
        if (filter.Length == 0 || Encoding.UTF8.GetByteCount(filter) > MaxBytes || filter.AsSpan().ContainsAny('\0', '\uFFFD'))
        {
            return false;
        }

        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i].Length > 1 && levels[i].AsSpan().ContainsAny('+', '#') || levels[i] == "#" && i < levels.Length - 1)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True where every topic that <paramref name="inner"/> matches is matched by <paramref name="outer"/> too.</summary>
    public static bool Covers(string outer, string inner)
    {
        var (wide, narrow) = (outer.Split('/'), inner.Split('/'));
        if (narrow[0].StartsWith('$') && wide[0] is "+" or "#")
        {
            return false; // wildcards leave topics of the server alone
        }

        for (var i = 0; i < wide.Length; i++)
        {
            if (wide[i] == "#")
            {
                return true;
            }

            if (i == narrow.Length || narrow[i] == "#" || (wide[i] != "+" && wide[i] != narrow[i]))
            {
                return false;
            }
        }

        return narrow.Length == wide.Length;
    }
}
