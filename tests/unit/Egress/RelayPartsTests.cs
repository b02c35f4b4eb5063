using System.Diagnostics.Metrics;
using System.Text;
using CsCheck;
using Contracts;
using Contracts.Configuration;
using global::Egress;
using global::Egress.Relay;
using Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Pipeline.Tests.Egress;

public sealed class RelayPartsTests
{
    private static readonly EgressTelemetry s_telemetry =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    [Fact]
    public void Filters_come_from_every_mountpoint_once()
    {
        var topics = new CommandTopics(new Lwm2mOptions
        {
            Mountpoint = "lwm2m/${username}",
            Translators = new TopicMappings { Command = new() { Topic = "/dn/#", Qos = 2 } },
            Listeners = new ListenersOptions
            {
                Udp = new Dictionary<string, UdpListenerOptions>
                {
                    ["a"] = Listener("lwm2m/${endpoint_name}"), ["b"] = Listener("x-${zone}/${clientid}"), ["off"] = Listener("gone") with { Enable = false }, ["c"] = Listener(null),
                },
            },
        });

        // Devices of a listener that was closed while they were registered still have its mountpoint.
        Assert.Equal(["lwm2m/+/dn/#", "+/+/dn/#", "gone/dn/#"], topics.Filters);
        Assert.Equal(2, topics.Qos);
        Assert.Equal(1, new CommandTopics(new Lwm2mOptions()).Qos);
    }

    [Fact]
    public void Topic_is_split_in_every_way_and_own_events_are_not()
    {
        var topics = new CommandTopics(new Lwm2mOptions { Translators = new TopicMappings { Command = new() { Topic = "#" } } });

        Assert.Equal([("lwm2m/a/", "a")], topics.Split("lwm2m/a/dn/x"));
        Assert.Empty(topics.Split("lwm2m/a/up/resp"));
        Assert.Empty(topics.Split("lwm2m/a/up/notify"));
        Assert.Empty(topics.Split("lwm2m/a/up/lifecycle"));
        Assert.Empty(topics.Split("lwm2m/a/up/send"));
        Assert.Empty(topics.Split("lwm2m/a//v1/up/dm"));
        Assert.Empty(topics.Split("other/a"));
    }

    [Fact]
    public void Directory_follows_registrations()
    {
        var directory = new PrefixDirectory(new Lwm2mOptions { Mountpoint = "m/${username}/" });
        Take(directory, EgressRig.Registration("a", 1, "u"));
        Take(directory, EgressRig.Registration("b", 1, "u"));
        Take(directory, EgressRig.Registration("c", 5, "v"));
        Assert.Equal(["a", "b"], Find(directory, "m/u/"));

        Take(directory, EgressRig.Registration("a", 2, "v"));
        Take(directory, EgressRig.Registration("c", 4, "u")); // late: void
        Assert.Equal(["b"], Find(directory, "m/u/"));
        Assert.Equal(["a", "c"], Find(directory, "m/v/"));

        Take(directory, EgressRig.Registration("c", 6, "v", live: false));
        directory.Take(new LogRecord("r", 0, 0, "a"u8.ToArray(), null, [], 0));
        directory.Take(new LogRecord("r", 0, 0, "b"u8.ToArray(), "not json"u8.ToArray(), [], 0));
        Assert.Empty(Find(directory, "m/v/"));
        Assert.Equal(["b"], Find(directory, "m/u/"));
    }

    [Fact]
    public void Directory_agrees_with_a_plain_list_after_any_history() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Bool).List[0, 60].Sample(history =>
        {
            var directory = new PrefixDirectory(new Lwm2mOptions { Mountpoint = "${username}/" });
            var plain = new Dictionary<string, string>();
            var number = 0ul;
            foreach (var (device, user, live) in history)
            {
                Take(directory, EgressRig.Registration($"d{device}", ++number, $"u{user}", live: live));
                plain.Remove($"d{device}");
                if (live)
                {
                    plain[$"d{device}"] = $"u{user}/";
                }
            }

            for (var user = 0; user <= 3; user++)
            {
                Assert.Equal(plain.Where(pair => pair.Value == $"u{user}/").Select(pair => pair.Key).Order(), Find(directory, $"u{user}/"));
            }
        });

    [Fact]
    public void Relayed_id_gives_back_its_fingerprint_and_others_none() =>
        Gen.Select(Gen.ULong, Gen.ULong, Gen.Long).Sample((high, low, nonce) =>
        {
            var fingerprint = new EventId(high, low);

            Assert.True(RelayedId.TryReadFingerprint(RelayedId.Of(fingerprint, nonce & long.MaxValue), out var read));
            Assert.Equal(fingerprint, read);
            Assert.False(RelayedId.TryReadFingerprint(fingerprint.ToString(), out _));
        });

    [Fact]
    public void Fingerprint_depends_on_all_that_makes_a_delivery()
    {
        var command = new IncomingCommand { Topic = "t", Payload = [1], PacketId = 1, Redelivered = false };
        var fingerprints = new[]
        {
            command.FingerprintFor("e"), command.FingerprintFor("f"), (command with { Topic = "u" }).FingerprintFor("e"), (command with { Payload = [2] }).FingerprintFor("e"),
            (command with { PacketId = 256 }).FingerprintFor("e"),
        };

        Assert.Equal(fingerprints.Length, fingerprints.Distinct().Count());
        Assert.Equal(command.FingerprintFor("e"), (command with { Redelivered = true }).FingerprintFor("e"));
    }

    [Fact]
    public void Command_is_forgotten_when_the_connection_outlived_its_puback()
    {
        var recent = new RecentCommands(lasting: 60, s_telemetry);
        var (first, second) = (new EventId(0, 1), new EventId(0, 2));
        recent.Add(first, null);
        recent.Add(second, null);
        recent.Acknowledged(first, now: 100);

        recent.Forget(159);
        Assert.True(recent.TryFind(first, out _));
        recent.Forget(160);
        Assert.False(recent.TryFind(first, out _));
        recent.Forget(long.MaxValue - 1);
        Assert.True(recent.TryFind(second, out _));
    }

    [Fact]
    public void Command_whose_puback_may_be_lost_is_remembered_over_any_absence()
    {
        var recent = new RecentCommands(lasting: 60, s_telemetry);
        var (written, read) = (new EventId(0, 1), new EventId(0, 2));
        recent.Add(written, null);
        recent.AddRead(read);
        recent.Acknowledged(written, now: 100);
        recent.Reconnected(sessionPresent: true, now: 10_000);

        recent.Forget(10_059);
        Assert.True(recent.TryFind(written, out _));
        Assert.True(recent.TryFind(read, out _));

        recent.Reconnected(sessionPresent: false, now: 10_060);
        Assert.Equal(0, recent.Count);
    }

    [Fact]
    public void Memory_of_commands_is_bounded_and_the_oldest_goes()
    {
        var recent = new RecentCommands(lasting: 60, s_telemetry);
        for (var i = 0ul; i <= RecentCommands.Capacity; i++)
        {
            recent.Add(new EventId(0, i), null);
        }

        Assert.Equal(RecentCommands.Capacity, recent.Count);
        Assert.False(recent.TryFind(new EventId(0, 0), out _));
        Assert.True(recent.TryFind(new EventId(0, 1), out _));
    }

    private static UdpListenerOptions Listener(string? mountpoint) => new() { Bind = BindAddress.Any(0), Mountpoint = mountpoint };

    private static void Take(PrefixDirectory directory, RegistrationRecord registration) =>
        directory.Take(new LogRecord("r", 0, 0, Encoding.UTF8.GetBytes(registration.Endpoint), registration.ToJson(), [], 0));

    private static SortedSet<string> Find(PrefixDirectory directory, string prefix)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        directory.Find(prefix, found);
        return found;
    }
}
