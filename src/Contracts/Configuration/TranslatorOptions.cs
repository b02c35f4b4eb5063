namespace Contracts.Configuration;

/// <summary>What only the Translator needs.</summary>
[Doc("Translator: definitions and rules.")]
public sealed record TranslatorOptions
{
    [Doc("What becomes of values without a definition: `discard` (an error event 4.00 with the reason) or `raw` (base64 with a note).")]
    public UnknownDefinitions UnknownDefinitions { get; init; } = UnknownDefinitions.Discard;

    [Doc("Check writes against the definitions too: type, operation and range, not only the command's own `type`.")]
    public bool StrictWrites { get; init; }

    [Doc("Write what a record leads to and its offset in one Kafka transaction: no event stands on Kafka twice, also after a crash. Not on the embedded broker.")]
    public bool ExactlyOnce { get; init; }

    [Doc("How long a command may wait to be sent where it names no `expires_at`.")]
    [Range("1s", "30d")]
    public TimeSpan CommandTtl { get; init; } = TimeSpan.FromHours(2);
}
