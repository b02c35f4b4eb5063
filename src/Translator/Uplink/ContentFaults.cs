namespace Translator.Uplink;

/// <summary>What could not be read of a payload.</summary>
/// <param name="Payload">The whole of it.</param>
/// <param name="Values">So many of its values, which have a note.</param>
public readonly record struct ContentFaults(bool Payload, int Values);
