namespace Contracts.Configuration;

/// <summary>A map whose names hold dots (<c>socket.timeout.ms</c>); nested sections and underscores are read as dots.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DottedKeysAttribute : Attribute;
