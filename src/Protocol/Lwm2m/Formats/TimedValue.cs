using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>A value at its whole path, as a payload is to carry it.</summary>
/// <param name="Timestamp">Unix time in milliseconds; null is none.</param>
public readonly record struct TimedValue(Lwm2mPath Path, Lwm2mValue Value, long? Timestamp = null);
