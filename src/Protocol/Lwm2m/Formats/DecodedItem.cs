using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>One value of a payload.</summary>
/// <param name="Value">An Opaque with the raw bytes where it could not be typed; None for what a patch removes.</param>
/// <param name="Timestamp">Unix time in milliseconds, where the device sent one.</param>
/// <param name="Note">What is wrong with the value: why it could not be typed, or that it came before.</param>
public readonly record struct DecodedItem(Lwm2mPath Path, Lwm2mValue Value, long? Timestamp = null, string? Note = null);
