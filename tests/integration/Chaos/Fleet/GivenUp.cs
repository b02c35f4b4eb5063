namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>A message that was not acknowledged within MAX_TRANSMIT_WAIT; its device registers again. Times are milliseconds.</summary>
readonly record struct GivenUp(int Device, int Number, Exchange Exchange, long From, long At);
