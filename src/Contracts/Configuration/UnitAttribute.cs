namespace Contracts.Configuration;

/// <summary>How a number is written: as a size in bytes ("4MB"), as a rate per second ("1000/s"), or also as "infinity".</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnitAttribute(Unit unit) : Attribute
{
    public Unit Unit { get; } = unit;
}
