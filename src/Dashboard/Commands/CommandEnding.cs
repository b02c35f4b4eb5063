namespace Dashboard.Commands;

/// <summary>What became of a command that was waited for.</summary>
enum CommandEnding
{
    /// <summary>There is an outcome.</summary>
    Ended,

    /// <summary>Written, and no outcome in time.</summary>
    NotEnded,

    /// <summary>Kafka has not taken it.</summary>
    NotWritten,

    /// <summary>Too many wait already; nothing was written.</summary>
    Busy,
}
