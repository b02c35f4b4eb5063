namespace Protocol.Lwm2m.Formats;

/// <summary>The content formats of a request: of its payload, and of the answer that it accepts; null is an option that is not sent.</summary>
public readonly record struct RequestFormat(ushort? ContentFormat, ushort? Accept);
