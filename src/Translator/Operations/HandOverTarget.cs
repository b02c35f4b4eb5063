namespace Translator.Operations;

/// <summary>
/// Where operations of a device go: the slot that owns its session, the newest epoch of that slot, the number of its registration record.
/// </summary>
public readonly record struct HandOverTarget(int Slot, ulong Epoch, ulong Number);
