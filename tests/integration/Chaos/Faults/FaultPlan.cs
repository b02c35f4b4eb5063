namespace Pipeline.IntegrationTests.Chaos.Faults;

/// <summary>What goes wrong, in which order.</summary>
static class FaultPlan
{
    /// <summary>Longer than the session time-out of the consumer groups, 10 s.</summary>
    const double Session = 13;

    const double Moment = 4;

    /// <summary>One of each kind that a few minutes have room for.</summary>
    public static IReadOnlyList<Fault> Short =>
    [
        Kill("Ingress", 0), Kill("Translator", 0), Kill("Egress", 0), MosquittoRestarts, Cut("Translator", Moment), KafkaDies, Scale("Egress", 2, 3),
        Freeze("Ingress", 2, Session), Kill("Ingress", 2),
    ];

    /// <summary>An upgrade in the order of docs/operations.md: each replica ends in order, comes back, and only then the next one goes.</summary>
    public static IReadOnlyList<Fault> Rolling(int replicas) =>
        [.. from service in new[] { "Translator", "Egress", "Ingress" } from replica in Enumerable.Range(0, replicas) select Restart(service, replica)];

    /// <summary>All kinds; with three brokers also what one of them can suffer.</summary>
    public static IReadOnlyList<Fault> Long(int kafkaNodes) =>
    [
        Kill("Ingress", 0), Kill("Translator", 0), Kill("Egress", 0), MosquittoRestarts, Freeze("Ingress", 1, Session),
        Cut("Translator", Moment), .. OneBroker(kafkaNodes, 1), Scale("Egress", 1, 3, 2, 3), Kill("Ingress", 1), Stall("Egress", Session),
        KafkaDies, Freeze("Translator", 2, Session), Cut("Ingress", Moment), Restart("Ingress", 2), CutMqtt, Kill("Translator", 1, Moment),
        Scale("Ingress", 1, 3, 2, 3), Freeze("Egress", 0, Session), .. OneBroker(kafkaNodes, 2), Kill("Egress", 2, Moment), Stall("Ingress", Session),
        Restart("Translator", 0), Kill("Ingress", 2, Session), StallMqtt, Scale("Translator", 1, 3, 2, 3), Kill("Egress", 1), Cut("Egress", Moment),
        KafkaRestarts, Freeze("Ingress", 0, Moment), Stall("Translator", Session), Restart("Egress", 1), .. OneBroker(kafkaNodes, 3), Kill("Translator", 2),
        AllOf("Ingress"), AllOf("Translator"), AllOf("Egress"),
    ];

    static Fault MosquittoRestarts => new("mosquitto restarts", async scene =>
    {
        await scene.AwaitInFlightAsync(scene.Gateway.Egress);
        await scene.WithoutMosquittoAsync(2);
    });

    static Fault KafkaDies => new("kill -9 of all of Kafka", async scene =>
    {
        await scene.AwaitMessagesAsync();
        await scene.WithoutKafkaAsync(() => scene.Gateway.Kafka.KillAsync());
    });

    static Fault KafkaRestarts => new("Kafka restarts", async scene =>
    {
        await scene.AwaitMessagesAsync();
        await scene.WithoutKafkaAsync(() => scene.Gateway.Kafka.StopAsync());
    });

    static Fault CutMqtt => new("Egress is cut off from MQTT", scene =>
        scene.BarAsync(scene.Gateway.Egress, scene.Gateway.WayToMosquitto.Cut, scene.Gateway.WayToMosquitto.ResumeAfresh, Moment));

    static Fault StallMqtt => new("nothing moves between Egress and MQTT", scene =>
        scene.BarAsync(scene.Gateway.Egress, scene.Gateway.WayToMosquitto.Stall, scene.Gateway.WayToMosquitto.ResumeAfresh, Session));

    static Fault Kill(string service, int replica, double away = 0) =>
        new($"kill -9 of {service} {replica}" + (away > 0 ? $", away for {away} s" : ""), scene => scene.KillAsync(scene.Gateway.Of(service), replica, away));

    static Fault Freeze(string service, int replica, double seconds) =>
        new($"{service} {replica} stands still for {seconds} s", scene => scene.FreezeAsync(scene.Gateway.Of(service), replica, seconds));

    static Fault Restart(string service, int replica) =>
        new($"{service} {replica} restarts", scene => scene.RestartAsync(scene.Gateway.Of(service), replica));

    static Fault Scale(string service, params int[] counts) => new($"{service} is scaled 3 -> {string.Join(" -> ", counts)}", async scene =>
    {
        foreach (var count in counts)
        {
            await scene.ScaleAsync(scene.Gateway.Of(service), count);
            await FaultScene.HoldAsync(Moment);
        }
    });

    static Fault Cut(string service, double seconds) => new($"{service} is cut off from Kafka for {seconds} s", scene =>
        scene.BarAsync(scene.Gateway.Of(service), scene.Gateway.WayOf(service).Cut, scene.Gateway.WayOf(service).ResumeAfresh, seconds));

    static Fault Stall(string service, double seconds) => new($"nothing moves between {service} and Kafka for {seconds} s", scene =>
        scene.BarAsync(scene.Gateway.Of(service), scene.Gateway.WayOf(service).Stall, scene.Gateway.WayOf(service).ResumeAfresh, seconds));

    static Fault AllOf(string service) => new($"kill -9 of all replicas of {service}", async scene =>
    {
        await scene.AwaitInFlightAsync(scene.Gateway.Of(service));
        await scene.KillAllAsync(scene.Gateway.Of(service));
    });

    static IEnumerable<Fault> OneBroker(int nodes, int node)
    {
        if (nodes < 3)
            yield break;
        yield return new Fault($"kill -9 of broker {node} of {nodes}", async scene =>
        {
            await scene.AwaitMessagesAsync();
            await scene.Gateway.Kafka.KillAsync(node);
            await FaultScene.HoldAsync(Moment);
            await scene.Gateway.Kafka.RestartAsync(node);
        });
        yield return new Fault($"broker {node} of {nodes} stands still", async scene =>
        {
            await scene.AwaitMessagesAsync();
            await scene.Gateway.Kafka.PauseAsync(node);
            await FaultScene.HoldAsync(Moment * 2);
            await scene.Gateway.Kafka.ResumeAsync(node);
        });
    }
}
