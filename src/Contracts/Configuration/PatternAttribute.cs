using System.Diagnostics.CodeAnalysis;

namespace Contracts.Configuration;

/// <summary>The regular expression that a text, or each name of a map, must match as a whole.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute([StringSyntax(StringSyntaxAttribute.Regex)] string expression) : Attribute
{
    public string Expression { get; } = expression;
}
