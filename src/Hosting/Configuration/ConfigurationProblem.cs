namespace Hosting.Configuration;

/// <summary>One reason why a start is refused: which key, what it says, what is allowed, and where it stands.</summary>
internal sealed record ConfigurationProblem(string Key, string? Value, string Allowed, string? Origin)
{
    public override string ToString()
    {
        var shown = Value is null ? "" : Value.Length > 200 ? $" = \"{Value[..200]}...\"" : $" = \"{Value}\"";
        return $"{Key}{shown}: {Allowed}{(Origin is null ? "" : $" ({Origin})")}";
    }
}
