using Contracts;
using Contracts.Configuration;
using Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Tests.Hosting;
using Translator;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>What changes while the gateway runs: rules of the configuration, definitions, the folder that they come from.</summary>
public sealed class DefinitionSourceTests : IDisposable
{
    private readonly TestConfiguration _configuration = new();
    private DateTime _stamp = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public void Dispose() => _configuration.Dispose();

    [Fact]
    public void A_file_that_is_added_counts_from_the_next_record()
    {
        Write("a/1.xml", 4711);
        var (source, _) = Start("gateway.lwm2m.xml_dir = a");
        Assert.Contains("object 4712 has no definition", Read(source, 4712), StringComparison.Ordinal);

        Write("a/2.xml", 4712);
        source.Reload();
        Assert.Contains("""[{"path":"/4712/0/1","value":5}]""", Read(source, 4712), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_folder_takes_the_place_of_the_first()
    {
        Write("a/1.xml", 4711);
        Write("b/1.xml", 4712);
        var (source, live) = Start("gateway.lwm2m.xml_dir = a");
        Change(live, "gateway.lwm2m.xml_dir = b");
        source.Reload();
        Assert.Contains("\"2.05\"", Read(source, 4712), StringComparison.Ordinal);
        Assert.Contains("object 4711 has no definition", Read(source, 4711), StringComparison.Ordinal);

        Write("b/2.xml", 4711);
        source.Reload();
        Assert.Contains("\"2.05\"", Read(source, 4711), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<LWM2M><Object>")]
    [InlineData("")]
    [InlineData(null)]
    public void A_folder_that_is_broken_is_taken_when_it_is_mended(string? broken)
    {
        Write("a/1.xml", 4711);
        Directory.CreateDirectory(Path.Combine(_configuration.Folder, "b"));
        if (broken is not null)
        {
            Write("b/1.xml", 4712);
            Write("b/2.xml", broken);
        }

        var (source, live) = Start("gateway.lwm2m.xml_dir = a");
        Change(live, "gateway.lwm2m.xml_dir = b");
        source.Reload();
        Assert.Contains("\"2.05\"", Read(source, 4711), StringComparison.Ordinal);
        Assert.Contains("object 4712 has no definition", Read(source, 4712), StringComparison.Ordinal);

        // The first folder is still looked at.
        Write("a/3.xml", 4713);
        source.Reload();
        Assert.Contains("\"2.05\"", Read(source, 4713), StringComparison.Ordinal);

        Write("b/1.xml", 4712);
        Write("b/2.xml", 4714);
        source.Reload();
        Assert.Contains("\"2.05\"", Read(source, 4712), StringComparison.Ordinal);
        Assert.Contains("\"2.05\"", Read(source, 4714), StringComparison.Ordinal);
        Assert.Contains("object 4711 has no definition", Read(source, 4711), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_that_is_taken_back_leaves_everything_as_it_was()
    {
        Write("a/1.xml", 4711);
        Directory.CreateDirectory(Path.Combine(_configuration.Folder, "b"));
        var (source, live) = Start("gateway.lwm2m.xml_dir = a");
        Change(live, "gateway.lwm2m.xml_dir = b");
        source.Reload();
        Change(live, "gateway.lwm2m.xml_dir = a");
        source.Reload();
        Write("b/1.xml", 4712);
        source.Reload();
        Assert.Contains("object 4712 has no definition", Read(source, 4712), StringComparison.Ordinal);
        Assert.Contains("\"2.05\"", Read(source, 4711), StringComparison.Ordinal);
    }

    [Fact]
    public void Topics_publish_condition_and_auto_observe_count_from_the_next_record()
    {
        Write("a/1.xml", 4711);
        var (source, live) = Start("gateway.lwm2m.xml_dir = a");
        var update = Given.Uplink(EventKind.Updated, uplink => uplink.Registration = new RegistrationInfo());
        var registered = Given.Uplink(EventKind.Registered, uplink => uplink.Registration = new RegistrationInfo { HasObjectList = true, ObjectList = { "/4711/0" } });
        Assert.Equal("lwm2m/e1/up/resp", UplinkPipeline.Translate(update, source.Rules).Single().Topic);
        Assert.Empty(AutoObservation.Of(registered, source.Rules));

        Change(live, "gateway.lwm2m { xml_dir = a, auto_observe = true, update_msg_publish_condition = contains_object_list, translators.register { topic = r, qos = 1 } }");
        Assert.Empty(UplinkPipeline.Translate(update, source.Rules));
        var device = UplinkPipeline.Translate(registered, source.Rules).Single();
        Assert.Equal(("lwm2m/e1/r", 1), (device.Topic, device.Qos));
        Assert.Equal("/4711/0", AutoObservation.Of(registered, source.Rules).Single().Path);
    }

    private (DefinitionSource Source, LiveConfiguration Live) Start(string text)
    {
        var sources = _configuration.Sources([_configuration.Write("gateway.conf", text)]);
        var report = sources.Read();
        Assert.Empty(report.Problems);
        var live = new LiveConfiguration(report.Configuration, sources);
        var source = new DefinitionSource(live, TimeProvider.System, NullLogger<DefinitionSource>.Instance);
        source.Reload();
        return (source, live);
    }

    private void Change(LiveConfiguration live, string text)
    {
        _configuration.Write("gateway.conf", text);
        Assert.True(live.Poll());
    }

    // What becomes of the integer 5 in resource 1 of the object.
    private static string Read(DefinitionSource source, int objectId)
    {
        var answer = Given.Answer("{\"msgType\":\"read\",\"data\":{\"path\":\"/" + objectId + "/0/1\"}}", 0x45, 11542, "c10105");
        return Given.Text(UplinkPipeline.Translate(answer, source.Rules).Single().Json);
    }

    private void Write(string name, int objectId) => Write(name, $"""
        <LWM2M><Object><Name>Test</Name><ObjectID>{objectId}</ObjectID><Resources>
          <Item ID="1"><Name>Reading</Name><Operations>R</Operations><Type>Integer</Type></Item>
        </Resources></Object></LWM2M>
        """);

    // Times are set, since two writes may fall into one tick of the file system.
    private void Write(string name, string text) => File.SetLastWriteTimeUtc(_configuration.Write(name, text), _stamp = _stamp.AddSeconds(1));
}
