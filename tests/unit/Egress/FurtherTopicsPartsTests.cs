using System.Text;
using CsCheck;
using Contracts;
using Contracts.Configuration;
using global::Egress;
using global::Egress.Relay;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.Tests.Egress;

public sealed class FurtherTopicsPartsTests
{
    private static readonly string[] s_parts =
        ["${clientid}", "${username}", "${endpoint_name}", "${peerhost}", "${zone}", "${client_attrs.site}", "${client_attrs.none}", "${unknown}", "lwm2m", "/", "-", "v1/", "$"];

    private readonly ExtraSubscriptions _extra = new(
        new EgressTelemetry(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()), NullLogger.Instance);

    // Whatever mountpoint gateway and listener have: the broker delivers the topic of a command, and the device is found from it.
    [Fact]
    public void Command_finds_its_device_under_any_mountpoint() =>
        Gen.Select(Of(s_parts).Array[0, 6], Gen.Select(Gen.Bool, Of(s_parts).Array[0, 6], (none, parts) => none ? null : parts), Of("dn/#", "dn", "dn/+", "/dn/#", "${zone}/#"), Of("u", "a.b", "192.0.2.1"))
            .Sample((gateway, listener, command, value) =>
            {
                var options = Options(string.Concat(gateway), listener is null ? null : string.Concat(listener), command);
                var directory = new PrefixDirectory(options);
                var device = Device("dev-1", value);
                Take(directory, device);
                var topics = new CommandTopics(options);
                var prefix = new Mountpoint(options.Listeners.Udp["a"].Mountpoint ?? options.Mountpoint).Render(device.Endpoint, device.Client.ToIdentity());
                var topic = prefix + command.Replace("/#", "/x/y", StringComparison.Ordinal).Replace("+", "x", StringComparison.Ordinal);
                if (topic.StartsWith('$'))
                {
                    return; // topics of the server, which brokers keep for themselves
                }

                Assert.Contains(topics.Wanted.Keys, filter => Matches(filter, topic));
                var found = new SortedSet<string>();
                foreach (var (candidate, _) in topics.Split(topic))
                {
                    directory.Find(candidate, found);
                }

                Assert.Equal(["dev-1"], found);
            }, iter: 1000);

    [Fact]
    public void Devices_without_any_prefix_do_not_push_each_other_out()
    {
        var directory = new PrefixDirectory(new Lwm2mOptions { Mountpoint = "" });
        Take(directory, EgressRig.Registration("a"));
        Take(directory, EgressRig.Registration("b", live: false));
        Take(directory, EgressRig.Registration("b", 2, live: false));

        var found = new SortedSet<string>();
        directory.Find("", found);
        Assert.Equal(["a"], found);
    }

    [Fact]
    public void Client_is_known_by_its_id_after_any_history() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 2], Gen.Bool).List[0, 40].Sample(history =>
        {
            var directory = new PrefixDirectory(new Lwm2mOptions { Mountpoint = "${username}/" });
            var told = new HashSet<string>();
            directory.Changed += client => told.Add(client);
            var plain = new Dictionary<string, (string Client, string Prefix)>();
            var number = 0ul;
            foreach (var (device, client, user, live) in history)
            {
                told.Clear();
                var before = plain.GetValueOrDefault($"d{device}");
                var registration = EgressRig.Registration($"d{device}", ++number, $"u{user}", live: live);
                Take(directory, registration with { Client = registration.Client with { Clientid = $"d{client}" } });
                plain.Remove($"d{device}");
                if (live)
                {
                    plain[$"d{device}"] = ($"d{client}", $"u{user}/");
                }

                var after = plain.GetValueOrDefault($"d{device}");
                Assert.Equal(before == after ? [] : new[] { before.Client, after.Client }.Where(name => name is not null).Distinct().Order(), told.Order());
            }

            for (var client = 0; client <= 4; client++)
            {
                Assert.Equal(
                    plain.Where(pair => pair.Value.Client == $"d{client}").Select(pair => (pair.Key, pair.Value.Prefix)).Order(), directory.OfClient($"d{client}").Order());
            }
        });

    [Fact]
    public void What_the_usual_filters_cover_is_not_subscribed_to_again_but_belongs_to_its_device()
    {
        var topics = new CommandTopics(Options("m/${username}/", null, "dn/#"), [new("d", "m/u/", "dn/x", 2), new("d", "m/u/", "other", 2), new("e", "m/v/", "other", 1)]);

        Assert.Equal(new Dictionary<string, int> { ["m/+/dn/#"] = 1, ["m/u/other"] = 2, ["m/v/other"] = 1 }, topics.Wanted);
        Assert.Equal(["d"], topics.Further("m/u/dn/x"));
        Assert.Equal(["e"], topics.Further("m/v/other"));
    }

    [Fact]
    public void A_wide_topic_of_a_client_does_not_make_commands_of_events()
    {
        var topics = new CommandTopics(new Lwm2mOptions(), [new("d", "lwm2m/d/", "#", 1)]);

        Assert.Empty(topics.Further("lwm2m/d/up/resp"));
        Assert.Empty(topics.Further("lwm2m/d//v1/up/dm"));
        Assert.Equal(["d"], topics.Further("lwm2m/d/else"));
        Assert.Equal(["d"], topics.Further("lwm2m/d"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"topics":null}""")]
    [InlineData("""{"topics":[null]}""")]
    [InlineData("""{"topics":[{"qos":1}]}""")]
    [InlineData("""{"topics":[{"topic":"x","qos":"y"}]}""")]
    [InlineData("""{"topics":[{"topic":"x","qos":1}""")]
    public void Record_that_cannot_be_read_changes_nothing(string json)
    {
        _extra.Take("subscriptions/c", """{"topics":[{"topic":"x","qos":1}]}"""u8.ToArray());
        _extra.Take("subscriptions/c", Encoding.UTF8.GetBytes(json));

        Assert.Equal("x", Assert.Single(_extra.ByClient["c"]).Topic);
    }

    [Fact]
    public void Number_of_further_topics_is_bounded_and_what_goes_makes_room()
    {
        byte[] Of(int count) => new ExtraTopics { Topics = [.. Enumerable.Range(0, count).Select(i => new ExtraTopic($"t{i}"))] }.ToJson();

        _extra.Take("subscriptions/a", Of(ExtraSubscriptions.Capacity - 1));
        _extra.Take("subscriptions/b", Of(2));
        Assert.False(_extra.Has("b"));
        _extra.Take("subscriptions/a", Of(ExtraSubscriptions.Capacity));
        _extra.Take("subscriptions/a", null);
        _extra.Take("subscriptions/b", Of(ExtraSubscriptions.Capacity));
        Assert.Equal(["b"], _extra.ByClient.Keys);
        _extra.Take("gateway.lwm2m", "{}"u8.ToArray());
        Assert.Equal(ExtraSubscriptions.Capacity, _extra.ByClient["b"].Count);
    }

    [Theory]
    [InlineData("a+b")]
    [InlineData("a#")]
    public void Device_whose_prefix_is_no_part_of_a_filter_is_left_out(string endpoint)
    {
        var directory = new PrefixDirectory(new Lwm2mOptions());
        Take(directory, EgressRig.Registration(endpoint));
        _extra.Take("subscriptions/" + endpoint, new ExtraTopics { Topics = [new("x")] }.ToJson());

        Assert.Empty(_extra.Of(directory));
    }

    [Fact]
    public void What_is_no_filter_is_told_once()
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        var told = 0;
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "subscriptions_refused" && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => told += (int)value);
        listener.Start();
        var extra = new ExtraSubscriptions(new EgressTelemetry(meters), NullLogger.Instance);
        var directory = new PrefixDirectory(new Lwm2mOptions());
        Take(directory, EgressRig.Registration("d"));
        extra.Take("subscriptions/d", new ExtraTopics { Topics = [new("x/#/y"), new("good")] }.ToJson());

        Assert.Equal("good", Assert.Single(extra.Of(directory)).Topic);
        Assert.Single(extra.Of(directory));
        Assert.Equal(1, told);
    }

    private static Lwm2mOptions Options(string gateway, string? listener, string command) => new()
    {
        Mountpoint = gateway,
        Translators = new TopicMappings { Command = new() { Topic = command } },
        Listeners = new ListenersOptions { Udp = new Dictionary<string, UdpListenerOptions> { ["a"] = new() { Bind = BindAddress.Any(0), Mountpoint = listener } } },
    };

    private static RegistrationRecord Device(string endpoint, string value)
    {
        var registration = EgressRig.Registration(endpoint, username: value, listener: "udp:a");
        return registration with { Client = registration.Client with { Zone = value, ClientAttrs = new Dictionary<string, string> { ["site"] = value } } };
    }

    private static Gen<string> Of(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    private static bool Matches(string filter, string topic)
    {
        var tree = new TopicTree<bool>();
        tree.Add(filter, true);
        return tree.Find(topic).Any();
    }

    private static void Take(PrefixDirectory directory, RegistrationRecord registration) =>
        directory.Take(new LogRecord("r", 0, 0, Encoding.UTF8.GetBytes(registration.Endpoint), registration.ToJson(), [], 0));
}
