using System.Globalization;
using System.Text;

namespace Tools.Simulation;

/// <summary>Attributes of one level (LwM2M Core 1.1 section 5.1.2); null is not set. Times are seconds.</summary>
readonly record struct NotificationAttributes(long? MinPeriod, long? MaxPeriod, double? GreaterThan, double? LessThan, double? Step)
{
    public bool HasThreshold => GreaterThan is not null || LessThan is not null || Step is not null;

    /// <summary>These attributes, and those of the level above where this one sets none.</summary>
    public NotificationAttributes Over(NotificationAttributes above) => new(
        MinPeriod ?? above.MinPeriod, MaxPeriod ?? above.MaxPeriod, GreaterThan ?? above.GreaterThan, LessThan ?? above.LessThan, Step ?? above.Step);

    /// <summary>Applies one query of a Write-Attributes, "pmin=5", or "pmin" to remove it.</summary>
    public bool TryApply(ReadOnlySpan<byte> query, out NotificationAttributes changed)
    {
        changed = this;
        var text = Encoding.UTF8.GetString(query);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        double? value = null;
        if (equals >= 0)
        {
            if (!double.TryParse(text.AsSpan(equals + 1), CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
                return false;
            value = number;
        }
        var isPeriod = value is null or (>= 0 and <= uint.MaxValue);
        switch (name)
        {
            case "pmin" when isPeriod:
                changed = this with { MinPeriod = (long?)value };
                return true;
            case "pmax" when isPeriod:
                changed = this with { MaxPeriod = (long?)value };
                return true;
            case "gt":
                changed = this with { GreaterThan = value };
                return true;
            case "lt":
                changed = this with { LessThan = value };
                return true;
            case "st" when value is null or >= 0:
                changed = this with { Step = value };
                return true;
            default:
                return false;
        }
    }

    /// <summary>As link attributes: ";pmin=5;pmax=60".</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, "pmin", MinPeriod);
        Append(text, "pmax", MaxPeriod);
        Append(text, "gt", GreaterThan);
        Append(text, "lt", LessThan);
        Append(text, "st", Step);
        return text.ToString();
    }

    static void Append(StringBuilder text, string name, double? value)
    {
        if (value is { } number)
            text.Append(CultureInfo.InvariantCulture, $";{name}={number}");
    }
}
