namespace Translator.Operations;

/// <summary>What the book knows of a command.</summary>
public enum OperationStanding
{
    /// <summary>Never accepted, or closed longer than a day ago.</summary>
    Unknown,
    Open,
    Closed,
}
