namespace Contracts.Configuration;

/// <summary>The least and the largest allowed value, both included, written as in configuration: "1", "15s", "4MB".</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeAttribute(string least, string largest) : Attribute
{
    public string Least { get; } = least;
    public string Largest { get; } = largest;
}
