namespace Pipeline.IntegrationTests;

public sealed class SmokeTests
{
    [Fact]
    public void Runs() => Assert.True(true);
}
