using System.Globalization;

namespace Pipeline.Tests.Delivery;

/// <summary>
/// Nothing acknowledged is lost, and any process may die: the decision code of Ingress and Translator under schedules that nobody would think of.
/// DELIVERY_SEEDS says how many (and DELIVERY_FIRST from which on); a seed that fails prints its story, and fails again.
/// </summary>
public sealed class StormTests(ITestOutputHelper output)
{
    const int Chunks = 8;

    static readonly int Seeds = Setting("DELIVERY_SEEDS", 2000);
    static readonly int First = Setting("DELIVERY_FIRST", 0);

    public static TheoryData<int> Parts => new(Enumerable.Range(0, Chunks));

    [Theory]
    [MemberData(nameof(Parts))]
    public void After_the_storm_all_promises_are_kept(int part)
    {
        var broken = new List<(int Seed, string How)>();
        for (var seed = First + part; seed < First + Seeds; seed += Chunks)
        {
            var storm = new Storm(seed);
            storm.Run();
            if (storm.Broken is { } how)
                broken.Add((seed, how));
        }

        if (broken.Count == 0)
            return;
        foreach (var line in Storm.Tell(broken[0].Seed).Split('\n'))
            output.WriteLine(line);
        foreach (var (seed, how) in broken)
            output.WriteLine($"seed {seed}: {how}");
        Assert.Fail($"{broken.Count} seeds; the story of seed {broken[0].Seed}, {broken[0].How}, is in the output");
    }

    [Fact]
    public void A_seed_tells_the_same_story_again()
    {
        foreach (var seed in new[] { 3, 17, 4711 })
        {
            var (told, untold) = (new Storm(seed, traced: true), new Storm(seed));
            told.Run();
            untold.Run();
            Assert.Equal(told.World.Story, Storm.Tell(seed));
            Assert.Equal(told.Logs(), untold.Logs());
        }
    }

    static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
