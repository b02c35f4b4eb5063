namespace Contracts.Configuration;

/// <summary>Accepted and kept, not yet in force. A start with another value than the default warns with this text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PendingAttribute(string consequence) : Attribute
{
    /// <summary>What that means for the one who set it, as a sentence.</summary>
    public string Consequence { get; } = consequence;
}
