namespace Dashboard.Results;

/// <summary>What is known of the last command of one kind for one path of one device, or of its last notification.</summary>
/// <param name="Event">JSON of the event; null: asked, and not answered yet.</param>
/// <param name="EventId">Of the event, or the one that it will have.</param>
/// <param name="At">Unix time in ms.</param>
sealed record RecordedResult(string Endpoint, string Path, string Action, byte[]? Event, string EventId, long At)
{
    const int Overhead = 300;

    /// <summary>Bytes, roughly.</summary>
    public int Size => Overhead + 2 * Path.Length + (Event?.Length ?? 0);
}
