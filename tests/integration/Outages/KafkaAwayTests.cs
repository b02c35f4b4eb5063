using System.Diagnostics;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Outages;

/// <summary>Kafka goes away and comes back: devices are kept waiting, nothing is doubled, everything resumes by itself.</summary>
public sealed class KafkaAwayTests(StandaloneFixture gateway) : GatewayScenarios(gateway), IClassFixture<StandaloneFixture>
{
    static readonly TimeSpan Outage = TimeSpan.FromSeconds(4);
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Devices_are_kept_waiting_and_each_message_becomes_one_event()
    {
        using var known = await BeginRegisteredAsync();
        var token = await ObserveAsync(known);
        using var newcomer = Begin();
        using var leaver = await BeginRegisteredAsync();
        gateway.Kafka.SetDown();

        var waiting = new[]
        {
            PersistAsync(newcomer.Device, newcomer.Device.RegisterRequest()),
            PersistAsync(leaver.Device, leaver.Device.DeregisterRequest()),
            NotifyAndUpdateAsync(known.Device, token),
        };
        var outage = Task.Delay(Outage, TestContext.Current.CancellationToken);
        Assert.Same(outage, await Task.WhenAny([outage, .. waiting])); // nothing is accepted while Kafka is away
        gateway.Kafka.SetUp();
        var answers = await Task.WhenAll(waiting);

        newcomer.Device.Registered(answers[0]);
        Assert.Equal(("2.02", "2.04"), (answers[1].Dotted, answers[2].Dotted));
        await newcomer.HearAsync("up/register");
        await leaver.HearAsync("up/lifecycle");
        await known.HearAsync("up/notify",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/10","value":77}],"reqPath":"/3/0/10"},"msgType":"notify","seqNum":3}""");
        await known.HearAsync("up/update");

        foreach (var story in new[] { known, newcomer })
            await story.HearNothingBeforeNextAnswerAsync();
        foreach (var story in new[] { known, newcomer, leaver })
            foreach (var topic in new[] { "up/register", "up/update", "up/notify", "up/lifecycle" })
                Assert.False(story.HasUnheard(topic), $"{story.Endpoint} {topic}");
    }

    [Fact]
    public async Task Kafka_that_stalls_makes_no_two_events_of_one()
    {
        using var story = await BeginRegisteredAsync();
        var token = await ObserveAsync(story);
        gateway.Kafka.SetRoundTripTime(TimeSpan.FromSeconds(2));
        var notification = story.Device.Notification(token, "78", 3);
        try
        {
            for (var i = 0; i < 3; i++)
            {
                await story.Device.SendAsync(notification);
                await story.Device.ExpectSilenceAsync(200);
            }

            await story.Device.ExpectAcknowledgementAsync(notification);
        }
        finally
        {
            gateway.Kafka.SetRoundTripTime(TimeSpan.Zero);
        }

        await story.HearAsync("up/notify",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/10","value":78}],"reqPath":"/3/0/10"},"msgType":"notify","seqNum":3}""");
        await story.HearNothingBeforeNextAnswerAsync();
        Assert.False(story.HasUnheard("up/notify"));
    }

    [Fact]
    public async Task Command_that_is_given_while_kafka_is_away_is_carried_out_once_it_is_back()
    {
        using var story = await BeginRegisteredAsync();
        gateway.Kafka.SetDown();
        var sending = story.CommandAsync("""{"reqID":5,"msgType":"execute","data":{"path":"/3/0/4"}}""");
        await story.Device.ExpectSilenceAsync(1000);
        gateway.Kafka.SetUp();
        await sending;
        var request = await story.Device.ExpectRequestAsync("CON POST 11=3 11=0 11=4 12=0");
        await story.Device.AnswerAsync(request, Datagram.Changed);
        await story.HearAsync("up/resp", """{"data":{"code":"2.04","codeMsg":"changed","reqPath":"/3/0/4"},"msgType":"execute","reqID":5}""");
        await story.HearNothingBeforeNextAnswerAsync();
    }

    static async Task<byte[]> ObserveAsync(Story story)
    {
        await story.CommandAsync("""{"msgType":"observe","data":{"path":"/3/0/10"}}""");
        var token = await story.Device.BeginObservationAsync("CON GET 6=0 11=3 11=0 11=10", "1", 2);
        await story.HearAsync("up/resp");
        return token;
    }

    static async Task<Datagram> NotifyAndUpdateAsync(BareDevice device, byte[] token)
    {
        await PersistAsync(device, device.Notification(token, "77", 3));
        return await PersistAsync(device, device.UpdateRequest());
    }

    // As a device does: the same message again after silence, a new one when it is told to come later.
    static async Task<Datagram> PersistAsync(BareDevice device, Datagram message)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Bound)
        {
            await device.SendAsync(message);
            // An earlier message that was sent more than once is acknowledged more than once.
            if (await device.TryReceiveAsync(TimeSpan.FromSeconds(1)) is not { } answer || answer.Id != message.Id)
                continue;
            if (answer.Dotted != "5.03")
                return answer;
            Assert.InRange(answer.Number(Datagram.MaxAge) ?? 0, 1u, 60u);
            message = message with { Id = device.NextId() };
        }

        throw new TimeoutException($"{device.Endpoint}: no answer within {Bound}");
    }
}
