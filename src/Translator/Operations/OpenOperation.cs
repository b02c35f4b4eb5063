using Contracts;

namespace Translator.Operations;

/// <summary>A command without outcome.</summary>
internal sealed class OpenOperation(OperationKey key, DownlinkOperation operation, bool mayBeHanded)
{
    public OperationKey Key { get; } = key;

    /// <summary>As accepted: without epoch and registration number.</summary>
    public DownlinkOperation Operation { get; } = operation;

    public int Size { get; } = operation.CalculateSize();

    /// <summary>Where it was handed last, by this process.</summary>
    public HandOverTarget? HandedTo { get; set; }

    /// <summary>It was, or an earlier process may have: nobody can say that the device has not seen it.</summary>
    public bool MayBeHanded => mayBeHanded || HandedTo is not null;

    /// <summary>Its overdue outcome is on the way.</summary>
    public bool IsEnding { get; set; }
}
