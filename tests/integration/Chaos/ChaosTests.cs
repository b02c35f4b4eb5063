using Pipeline.IntegrationTests.Chaos.Faults;
using Pipeline.IntegrationTests.Chaos.Ledgers;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Mqtt;

namespace Pipeline.IntegrationTests.Chaos;

/// <summary>
/// Several replicas of each service on a real Kafka and a real mosquitto, under load, while one after the other dies, stands still or is cut off:
/// nothing acknowledged is lost, and every promise of docs/reliability.md is kept.
/// </summary>
[Collection(Alone.Name)]
public sealed class ChaosTests
{
    /// <summary>
    /// How fast a process starts, whether a device is answered within a minute, and whether a group misses the heartbeats of a member that gets no CPU and has another take
    /// up its work: these say something about the machine, too, so only the long run, which has its machine for itself, judges by them. Here they are told.
    /// </summary>
    static readonly FindingKind[] OfTheMachine = [FindingKind.OwnershipLate, FindingKind.Unanswered, FindingKind.UnexplainedDuplicate];

    /// <summary>A few minutes; the parameters of the long form apply here, too.</summary>
    [Fact]
    public Task Nothing_acknowledged_is_lost_whoever_dies() => PlayAsync(new ChaosSettings().WithEnvironment(), FaultPlan.Short, OfTheMachine);

    /// <summary>Every replica of every service is restarted, one after the other, as an upgrade does it.</summary>
    [Fact]
    public Task Nothing_acknowledged_is_lost_in_a_rolling_restart()
    {
        var settings = new ChaosSettings { Replicas = 2, Faults = 0, Seconds = 0, Pace = 3 }.WithEnvironment();
        var plan = FaultPlan.Rolling(settings.Replicas);
        return PlayAsync(settings with { Faults = Math.Max(settings.Faults, plan.Count) }, plan, OfTheMachine);
    }

    /// <summary>The script tests/chaos runs it.</summary>
    [Fact(Explicit = true)]
    public Task Nothing_acknowledged_is_lost_in_the_long_run()
    {
        var settings = new ChaosSettings
        {
            Devices = 2000, EventsPerSecond = 1000, CommandsPerSecond = 50, KafkaNodes = 3, Seconds = 1800, Faults = 44, Pace = 30, Settling = 300, Folder = "chaos",
        }.WithEnvironment();
        return PlayAsync(settings, FaultPlan.Long(settings.KafkaNodes));
    }

    static async Task PlayAsync(ChaosSettings settings, IReadOnlyList<Fault> plan, params FindingKind[] notJudged)
    {
        await using (var mosquitto = new MosquittoFixture())
        {
            var missing = ThreeProcessFixture.MissingHere(mosquitto);
            Assert.SkipUnless(missing is null, missing ?? "");
        }

        var isKept = settings.Folder.Length > 0;
        var folder = isKept ? Directory.CreateDirectory(settings.Folder).FullName : Directory.CreateTempSubdirectory("chaos-").FullName;
        var report = await ChaosRun.PlayAsync(settings, plan, folder, isKept ? Console.Error.WriteLine : TestContext.Current.SendDiagnosticMessage);
        var isGood = report.IsCleanBut(notJudged);
        if (isKept || !isGood)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "report.md"), report.ToMarkdown());
            await File.WriteAllTextAsync(Path.Combine(folder, "report.json"), report.ToJson());
        }
        else
        {
            Directory.Delete(folder, recursive: true);
        }

        Assert.True(isGood, $"{report.ToMarkdown()}\nlogs: {folder}");
        TestContext.Current.TestOutputHelper?.WriteLine(report.ToMarkdown());
    }
}

/// <summary>Nine processes and a Kafka of their own leave no room for others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Chaos";
}
