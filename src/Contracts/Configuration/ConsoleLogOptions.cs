namespace Contracts.Configuration;

/// <summary>The log on the console.</summary>
[Doc("The log on the console.")]
[Open]
public sealed record ConsoleLogOptions
{
    [Doc("`text`: a line to be read; `json`: an object a line, with what the message is made of (`endpoint`, `trace_id`, ...) as members.")]
    [OneOf("text", "json")]
    public string Formatter { get; init; } = "text";
}
