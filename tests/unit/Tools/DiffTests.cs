using System.Text;
using Contracts;
using Pipeline.Tests.Lwm2m;
using Pipeline.Tests.Translator;
using Tools.Diffing;
using Tools.Replay;
using Tools.Traffic;

namespace Pipeline.Tests.Tools;

/// <summary>Rules tried on recorded traffic, and what a change of them changes.</summary>
public sealed class DiffTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lwm2m-diff");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("""{"a":1,"b":[1,2]}""", """{"b":[1.0,2],"a":1}""", "")]
    [InlineData("""{"a":"\u00e9"}""", """{"a":"é"}""", "")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""", "a[0]: 1 -> 2|a[1]: 2 -> 1")]
    [InlineData("""{"a":{"b":1},"c":true}""", """{"a":{"b":"1","d":null}}""", "a.b: 1 -> \"1\"|a.d: + null|c: - true")]
    [InlineData("""[1]""", """{"a":1}""", ": [1] -> {\"a\":1}")]
    [InlineData("""{"a":[]}""", """{"a":[{"x":1}]}""", "a[0]: + {\"x\":1}")]
    public void Json_is_compared_by_what_it_says(string before, string after, string changes) =>
        Assert.Equal(changes, string.Join('|', JsonChange.Between(Encoding.UTF8.GetBytes(before), Encoding.UTF8.GetBytes(after))));

    [Fact]
    public void Events_are_added_removed_and_changed()
    {
        var changes = EventChange.Between(
            [Event("1"), Event("2"), Event("3", topic: "a")], [Event("1"), Event("3", topic: "b"), Event("4")]).ToList();

        Assert.Equal(["removed 2", "changed 3", "added 4"], changes.Select(change => $"{change.Kind} {(change.After ?? change.Before)!.Id}"));
        Assert.Equal("(topic): \"a\" -> \"b\"", Assert.Single(changes[1].Details).ToString());
    }

    [Fact]
    public async Task The_same_traffic_and_rules_give_the_same_bytes()
    {
        var traffic = WriteTraffic();
        var rules = Rules.Read([], Repository.ShippedDefinitions, _ => { });

        var first = await ReplayAsync(traffic, rules);
        Assert.Equal(first, await ReplayAsync(traffic, rules));
        Assert.Contains("\"Manufacturer-1\"", first, StringComparison.Ordinal);
        Assert.Equal(3, first.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => ReplayedEvent.Parse(line)!.Id).Distinct().Count());
    }

    [Fact]
    public void A_fixture_holds_rules_to_what_they_gave_and_shows_what_a_definition_changes()
    {
        var xml = Directory.CreateDirectory(Path.Combine(_folder.FullName, "xml")).FullName;
        foreach (var file in Directory.GetFiles(Repository.ShippedDefinitions, "*.xml"))
            File.Copy(file, Path.Combine(xml, Path.GetFileName(file)));
        var path = Path.Combine(_folder.FullName, "one.fixture.json");
        var rules = Rules.Read([], xml, _ => { });
        var fixture = new RuleFixture { Xml = xml };
        fixture.Cases.AddRange(Traffic().Select(happened => (happened, rules.Translate(happened, out _))));
        fixture.Write(path);

        var read = RuleFixture.Read(path);
        Assert.Equal(Path.GetFullPath(xml), Path.GetFullPath(read.Xml!));
        Assert.Empty(Differences(read, rules));

        var battery = Path.Combine(xml, "3.xml");
        File.WriteAllText(battery, File.ReadAllText(battery).Replace("<Type>Integer</Type>", "<Type>String</Type>", StringComparison.Ordinal));
        var detail = Assert.Single(Assert.Single(Differences(read, Rules.Read([], xml, _ => { }))).Details);
        Assert.Equal("data.content[0].value: 50 -> \"50\"", detail.ToString());
    }

    [Fact]
    public void What_is_no_fixture_is_said_to_be_none()
    {
        var path = Path.Combine(_folder.FullName, "x.json");
        foreach (var text in new[] { "", "[]", "{}", """{"cases":[{"uplink":{}}]}""", """{"cases":[{"uplink":{"endpoint":"e"},"events":[1]}]}""" })
        {
            File.WriteAllText(path, text);
            Assert.Throws<IOException>(() => RuleFixture.Read(path));
        }
    }

    static IEnumerable<EventChange> Differences(RuleFixture fixture, Rules rules) =>
        fixture.Cases.SelectMany(test => EventChange.Between(test.Expected, rules.Translate(test.Uplink, out _)));

    static List<UplinkEvent> Traffic() =>
    [
        Numbered(1, Given.Uplink(EventKind.Registered, happened => happened.Registration = new RegistrationInfo { Lifetime = 60, HasObjectList = true })),
        Numbered(2, Given.Answer("""{"msgType":"read","data":{"path":"/3/0/0"}}""", 0x45, 0, Convert.ToHexString("Manufacturer-1"u8))),
        Numbered(3, Given.Answer("""{"msgType":"read","data":{"path":"/3/0/9"}}""", 0x45, 0, Convert.ToHexString("50"u8))),
    ];

    static UplinkEvent Numbered(ulong number, UplinkEvent happened)
    {
        (happened.IdLow, happened.ReceivedNs) = (number, happened.ReceivedNs + number);
        if (happened.Command is { } command)
            command.CommandId = $"c{number}";
        return happened;
    }

    static async Task<string> ReplayAsync(string traffic, Rules rules)
    {
        using var output = new MemoryStream();
        await using var sink = new LineSink(output, asTraffic: false);
        var run = new ReplayRun(new FileTraffic(traffic, new TrafficSelection()), rules, new Pace(null, TimeProvider.System), sink, Assert.Fail);
        var totals = await run.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal((3, 3, 0, 0), (totals.Happened, totals.Events, totals.Untranslatable, totals.Unreadable));
        return Encoding.UTF8.GetString(output.ToArray());
    }

    string WriteTraffic()
    {
        var path = Path.Combine(_folder.FullName, "night.traffic");
        File.WriteAllLines(path, Traffic().Select(FileTraffic.Write));
        return path;
    }

    static ReplayedEvent Event(string id, string topic = "t") => new()
    {
        Id = id, Endpoint = "e", Type = "lwm2m.notify", Time = "", Topic = topic, Qos = 0, Retain = false, Payload = "{}"u8.ToArray(),
    };
}
