using System.Text.Json;
using Contracts;
using Tools.Replay;
using Tools.Traffic;

namespace Tools.Diffing;

/// <summary>
/// A test of rules, as a file: traffic, and the events that are expected of it. One JSON object: <c>config</c> (files) and <c>xml</c> (folder), relative to the
/// file and both optional, and <c>cases</c>, each with <c>uplink</c> and <c>events</c>.
/// </summary>
sealed class RuleFixture
{
    public IReadOnlyList<string> Config { get; init; } = [];

    public string? Xml { get; init; }

    public List<(UplinkEvent Uplink, IReadOnlyList<ReplayedEvent> Expected)> Cases { get; } = [];

    /// <exception cref="IOException">It is none.</exception>
    public static RuleFixture Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            var fixture = new RuleFixture
            {
                Config = root.TryGetProperty("config", out var files) ? [.. files.EnumerateArray().Select(file => Path.Combine(folder, file.GetString()!))] : [],
                Xml = root.TryGetProperty("xml", out var xml) ? Path.Combine(folder, xml.GetString()!) : null,
            };
            foreach (var item in root.GetProperty("cases").EnumerateArray())
            {
                var uplink = FileTraffic.Parse(item.GetProperty("uplink").GetRawText()) ?? throw new IOException($"{path}: case {fixture.Cases.Count}: uplink is none");
                fixture.Cases.Add((uplink, [.. item.GetProperty("events").EnumerateArray()
                    .Select(expected => ReplayedEvent.Of(expected) ?? throw new IOException($"{path}: case {fixture.Cases.Count}: an event is none"))]));
            }

            return fixture;
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new IOException($"{path} is no fixture: {other.Message}", other);
        }
    }

    public void Write(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        if (Config.Count > 0)
        {
            json.WriteStartArray("config");
            foreach (var config in Config)
                json.WriteStringValue(Path.GetRelativePath(folder, config));
            json.WriteEndArray();
        }

        if (Xml is not null)
            json.WriteString("xml", Path.GetRelativePath(folder, Xml));
        json.WriteStartArray("cases");
        foreach (var (uplink, expected) in Cases)
        {
            json.WriteStartObject();
            json.WritePropertyName("uplink");
            json.WriteRawValue(FileTraffic.Write(uplink));
            json.WriteStartArray("events");
            foreach (var replayed in expected)
                replayed.Write(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
