namespace Messaging;

/// <summary>One header of a record.</summary>
public readonly record struct RecordHeader(string Name, byte[] Value);
