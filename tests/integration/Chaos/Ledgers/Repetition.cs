namespace Pipeline.IntegrationTests.Chaos.Ledgers;

/// <summary>An event that came out again, under the same id.</summary>
/// <param name="At">In milliseconds.</param>
readonly record struct Repetition(Outlet Outlet, int Device, int Number, long At);
