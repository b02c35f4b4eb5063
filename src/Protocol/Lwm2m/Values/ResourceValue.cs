namespace Protocol.Lwm2m.Values;

/// <summary>A value and its place below the path of a request; the root path is the place that the request itself names.</summary>
public readonly record struct ResourceValue(Lwm2mPath Path, Lwm2mValue Value);
