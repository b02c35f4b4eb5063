using Contracts;

namespace Translator.Downlink;

/// <summary>What becomes of a command: an operation for the device, or the outcome that refuses it.</summary>
public readonly record struct CommandVerdict
{
    private CommandVerdict(DownlinkOperation? operation, UplinkEvent? refusal)
    {
        Operation = operation;
        Refusal = refusal;
    }

    /// <summary>Without epoch and registration number: those are the hand-over's.</summary>
    public DownlinkOperation? Operation { get; }

    public UplinkEvent? Refusal { get; }

    internal static CommandVerdict Accepted(DownlinkOperation operation) => new(operation, null);

    internal static CommandVerdict Refused(UplinkEvent outcome) => new(null, outcome);
}
