using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>One value of a payload.</summary>
/// <param name="Value">An Opaque with the raw bytes where <paramref name="Note"/> says why the value could not be typed.</param>
/// <param name="Timestamp">Unix time in milliseconds, where the device sent one.</param>
public readonly record struct DecodedItem(Lwm2mPath Path, Lwm2mValue Value, long? Timestamp = null, string? Note = null);
