namespace Tools.Fleet;

/// <summary>What became of <c>lwm2m ingress drain</c>.</summary>
/// <param name="Slot">Which slot.</param>
/// <param name="Wish">"drain", or "none" where it was taken back or never written.</param>
/// <param name="Alive">The slot is heard.</param>
/// <param name="Others">Slots that take its sessions.</param>
/// <param name="Registrations">What the slot has left; null where it did not say.</param>
/// <param name="Empty">It has taken the wish and has nothing left.</param>
/// <param name="Problem">What is in the way, one sentence; null: nothing.</param>
sealed record DrainReport(int Slot, string Wish, bool Alive, IReadOnlyList<int> Others, int? Registrations, bool Empty, string? Problem);
