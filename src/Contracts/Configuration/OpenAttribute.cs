namespace Contracts.Configuration;

/// <summary>A section that EMQX fills with keys of many kinds: keys that are not listed here are passed over in silence.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OpenAttribute : Attribute;
