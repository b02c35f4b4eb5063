namespace Contracts.Configuration;

/// <summary>How a number is written.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnitAttribute(Unit unit) : Attribute
{
    public Unit Unit { get; } = unit;
}
