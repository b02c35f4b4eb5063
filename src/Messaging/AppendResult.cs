namespace Messaging;

/// <summary>
/// Where a record stands, or that it could not be written (<see cref="Succeeded"/> false: it may stand in the log all the same).
/// </summary>
public readonly record struct AppendResult(int Partition, long Offset, bool Succeeded);
