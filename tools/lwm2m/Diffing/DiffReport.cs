using System.Text;
using System.Text.Json;

namespace Tools.Diffing;

/// <summary>Collects changes and tells them, as text or as JSON lines.</summary>
sealed class DiffReport(TextWriter output, bool asJson, int most)
{
    readonly Dictionary<string, long> _counts = new() { ["added"] = 0, ["removed"] = 0, ["changed"] = 0 };

    public long Same { get; private set; }

    public long Differences => _counts.Values.Sum();

    /// <param name="compared">Events that there were on either side.</param>
    public void Add(IReadOnlyCollection<EventChange> changes, int compared)
    {
        Same += compared - changes.Count;
        foreach (var change in changes)
        {
            _counts[change.Kind]++;
            if (asJson)
                output.WriteLine(Json(change.Write));
            else if (Differences <= most)
                output.WriteLine(string.Join(Environment.NewLine, change.Lines()));
        }
    }

    public void Finish()
    {
        if (asJson)
        {
            output.WriteLine(Json(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("same", Same);
                foreach (var (kind, count) in _counts)
                    json.WriteNumber(kind, count);
                json.WriteEndObject();
            }));
            return;
        }

        if (Differences > most)
            output.WriteLine($"... and {Differences - most} more");
        output.WriteLine($"{Same} events are the same, {_counts["added"]} added, {_counts["removed"]} removed, {_counts["changed"]} changed");
    }

    static string Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
