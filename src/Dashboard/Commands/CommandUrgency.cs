namespace Dashboard.Commands;

/// <summary>When a command is to be carried out.</summary>
/// <param name="Priority">Higher goes first among those that wait.</param>
/// <param name="ExpiresAt">Unix time in ms; it is not started after that. Null: the gateway's own limit.</param>
readonly record struct CommandUrgency(int Priority, long? ExpiresAt);
