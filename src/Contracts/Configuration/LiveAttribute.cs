namespace Contracts.Configuration;

/// <summary>A change in the file takes effect while running; every other key waits for the next start.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LiveAttribute : Attribute;
