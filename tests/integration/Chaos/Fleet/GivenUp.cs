namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>A message that was not acknowledged within MAX_TRANSMIT_WAIT; its device registers again. Times are milliseconds; the history tells what its device did last.</summary>
readonly record struct GivenUp(int Device, int Number, Exchange Exchange, long From, long At, string History);
