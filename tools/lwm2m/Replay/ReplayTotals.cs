using System.Globalization;
using System.Text.Json.Serialization;

namespace Tools.Replay;

/// <summary>What a replay came to.</summary>
sealed class ReplayTotals
{
    public long Happened { get; set; }

    public long Events { get; set; }

    /// <summary>Could not be translated.</summary>
    public long Untranslatable { get; set; }

    public long Unreadable { get; set; }

    public DateTimeOffset? First { get; set; }

    public DateTimeOffset? Last { get; set; }

    [JsonIgnore]
    public TimeSpan Took { get; set; }

    public double Seconds => Took.TotalSeconds;

    /// <summary>How many times as fast as it happened.</summary>
    public double? Speed => Last - First is { } span && Took > TimeSpan.Zero && span > TimeSpan.Zero ? span / Took : null;

    public void Note(DateTimeOffset time)
    {
        First = First is { } first && first <= time ? first : time;
        Last = Last is { } last && last >= time ? last : time;
    }

    public override string ToString()
    {
        var speed = Speed is { } times ? string.Create(CultureInfo.InvariantCulture, $", {times:0.#} times as fast as it happened") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Happened} uplink events, {Events} device events, {Untranslatable} not to be translated, {Unreadable} not to be read; {Took.TotalSeconds:0.0} s{speed}");
    }
}
