using System.Text.Json;
using Tools.Replay;

namespace Tools.Diffing;

/// <summary>An event that is there on one side only, or differs.</summary>
/// <param name="Before">Null: added.</param>
/// <param name="After">Null: removed.</param>
/// <param name="Details">Of a changed one.</param>
sealed record EventChange(ReplayedEvent? Before, ReplayedEvent? After, IReadOnlyList<JsonChange> Details)
{
    public string Kind => Before is null ? "added" : After is null ? "removed" : "changed";

    /// <summary>What differs between the events of one side and of the other, told apart by their ids.</summary>
    public static IEnumerable<EventChange> Between(IReadOnlyCollection<ReplayedEvent> before, IReadOnlyCollection<ReplayedEvent> after)
    {
        var others = new Dictionary<string, ReplayedEvent>();
        foreach (var other in after)
            others.TryAdd(other.Id, other);
        foreach (var one in before)
        {
            if (!others.Remove(one.Id, out var other))
                yield return new EventChange(one, null, []);
            else if (Compare(one, other) is { Count: > 0 } details)
                yield return new EventChange(one, other, details);
        }

        foreach (var added in after.Where(other => others.Remove(other.Id)))
            yield return new EventChange(null, added, []);
    }

    /// <summary>One line for the event, and one for each detail.</summary>
    public IEnumerable<string> Lines()
    {
        var shown = After ?? Before!;
        yield return $"{(Before is null ? '+' : After is null ? '-' : '~')} {shown.Time} {shown.Endpoint} {shown.Type} {shown.Topic ?? "(not published)"}";
        foreach (var detail in Details)
            yield return $"    {detail}";
        if (Before is null || After is null)
            yield return $"    {System.Text.Encoding.UTF8.GetString(shown.Payload.Span)}";
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("change", Kind);
        json.WriteStartArray("details");
        foreach (var detail in Details)
        {
            json.WriteStartObject();
            json.WriteString("path", detail.Path);
            Raw(json, "before", detail.Before);
            Raw(json, "after", detail.After);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        foreach (var (name, side) in new[] { ("before", Before), ("after", After) })
        {
            json.WritePropertyName(name);
            if (side is null)
                json.WriteNullValue();
            else
                side.Write(json);
        }

        json.WriteEndObject();
    }

    static void Raw(Utf8JsonWriter json, string name, string? value)
    {
        json.WritePropertyName(name);
        if (value is null)
            json.WriteNullValue();
        else
            json.WriteRawValue(value);
    }

    static List<JsonChange> Compare(ReplayedEvent before, ReplayedEvent after)
    {
        var changes = JsonChange.Between(before.Payload, after.Payload).ToList();
        Note("(topic)", before.Topic, after.Topic);
        Note("(type)", before.Type, after.Type);
        Note("(qos)", before.Qos, after.Qos);
        Note("(retain)", before.Retain, after.Retain);
        return changes;

        void Note<T>(string what, T one, T other)
        {
            if (!Equals(one, other))
                changes.Add(new JsonChange(what, JsonSerializer.Serialize(one), JsonSerializer.Serialize(other)));
        }
    }
}
