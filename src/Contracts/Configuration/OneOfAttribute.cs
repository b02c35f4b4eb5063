namespace Contracts.Configuration;

/// <summary>The allowed values, compared without regard to case and taken in the spelling given here.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneOfAttribute(params string[] values) : Attribute
{
    public string[] Values { get; } = values;
}
