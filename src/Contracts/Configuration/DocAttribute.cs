namespace Contracts.Configuration;

/// <summary>One sentence on what a section or key means; the text of <c>--help</c> and of docs/configuration.md.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
public sealed class DocAttribute(string text) : Attribute
{
    public string Text { get; } = text;
}
