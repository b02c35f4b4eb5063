namespace Contracts.Configuration;

/// <summary>The least and the largest allowed value, both included, written as in configuration: <c>"1"</c>, <c>"15s"</c>, <c>"4MB"</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeAttribute(string least, string largest) : Attribute
{
    public string Least { get; } = least;
    public string Largest { get; } = largest;
}
