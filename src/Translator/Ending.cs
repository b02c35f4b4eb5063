namespace Translator;

/// <summary>Why a record goes no further.</summary>
/// <param name="Poison">It cannot be understood and never will: it goes to the dead letters. Otherwise there is nothing to be done.</param>
public sealed record Ending(string Stage, string Reason, bool Poison);
