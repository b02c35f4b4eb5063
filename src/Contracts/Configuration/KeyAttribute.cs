namespace Contracts.Configuration;

/// <summary>The name in configuration where it is not the snake_case form of the C# name (a dotted path for a section).</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class KeyAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
