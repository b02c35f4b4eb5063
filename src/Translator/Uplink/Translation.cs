using Contracts;

namespace Translator.Uplink;

/// <summary>An uplink event and what became of it.</summary>
/// <param name="Rules">Those that it was translated by.</param>
/// <param name="Events">None where the publish condition is not met.</param>
/// <param name="Faults">What could not be read of its payload.</param>
public sealed record Translation(UplinkEvent Event, TranslationRules Rules, IReadOnlyList<DeviceEvent> Events, ContentFaults Faults);
