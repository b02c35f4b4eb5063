namespace Pipeline.Tests.Fuzz;

/// <summary>Takes one input of a <see cref="FuzzLoop"/>; throws where the code under test breaks its contract.</summary>
delegate void FuzzTarget(ReadOnlySpan<byte> input);
