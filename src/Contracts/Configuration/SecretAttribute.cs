namespace Contracts.Configuration;

/// <summary>A value that is never printed: not in a problem, a log or a report.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;
