namespace Ingress.Ownership;

/// <summary>What an operator wants to know of a slot.</summary>
/// <param name="IsDraining">Its sessions are to go to others.</param>
/// <param name="IsAlone">It is draining, and no other slot takes them.</param>
/// <param name="Registrations">Live ones that it owns.</param>
/// <param name="DeadSlots">Others, dead ones, whose sessions are looked after here.</param>
readonly record struct FleetStatus(bool IsDraining, bool IsAlone, int Registrations, int DeadSlots);
