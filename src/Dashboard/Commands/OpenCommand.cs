namespace Dashboard.Commands;

/// <summary>A command that has no outcome yet. Times are Unix time in ms.</summary>
/// <param name="Path">Without query; empty where it has none.</param>
/// <param name="Deadline">It is not started after that.</param>
/// <param name="Automatic">Of auto_observe.</param>
sealed record OpenCommand(string Id, string MsgType, string Path, long AcceptedAt, long Deadline, int Priority, bool Automatic)
{
    /// <summary>The device has said that it has it, and will answer later.</summary>
    public bool Acknowledged { get; set; }
}
