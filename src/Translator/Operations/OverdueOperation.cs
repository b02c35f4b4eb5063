using Contracts;

namespace Translator.Operations;

/// <summary>A command that nobody has told an outcome of, long after its deadline.</summary>
public readonly record struct OverdueOperation(DownlinkOperation Operation, Outcome Outcome);
