namespace Protocol.Lwm2m.Links;

/// <summary>An attribute of a link, its value without quotes. A value of null is an attribute that stands alone (";obs").</summary>
public readonly record struct LinkAttribute(string Name, string? Value);
