using System.Globalization;
using System.Net.Sockets;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Containers;

/// <summary>Standalone on a Kafka in a container.</summary>
public sealed class KafkaContainerFixture : StandaloneFixture
{
    const string Image = "apache/kafka:4.1.1";

    // Clients are sent to the address that the broker advertises, so the port outside is the port inside.
    readonly int _port = ServiceProcess.FreePort(SocketType.Stream);
    IContainer? _container;

    private protected override IEnumerable<string> Switches =>
        [$"--kafka:bootstrap_servers=127.0.0.1:{_port}", "--kafka:partitions=4", "--kafka:slots=4"];

    public override async ValueTask InitializeAsync()
    {
        Missing = await DockerEngine.MissingAsync(Image);
        if (Missing is not null)
            return;
        var settings = new Dictionary<string, string>
        {
            ["KAFKA_NODE_ID"] = "1",
            ["KAFKA_PROCESS_ROLES"] = "broker,controller",
            ["KAFKA_LISTENERS"] = $"PLAINTEXT://:{_port},CONTROLLER://:{_port + 1}",
            ["KAFKA_ADVERTISED_LISTENERS"] = $"PLAINTEXT://127.0.0.1:{_port}",
            ["KAFKA_CONTROLLER_LISTENER_NAMES"] = "CONTROLLER",
            ["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            ["KAFKA_CONTROLLER_QUORUM_VOTERS"] = string.Create(CultureInfo.InvariantCulture, $"1@localhost:{_port + 1}"),
            ["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"] = "1",
            ["KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR"] = "1",
            ["KAFKA_TRANSACTION_STATE_LOG_MIN_ISR"] = "1",
            ["KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS"] = "0",
            ["KAFKA_MESSAGE_MAX_BYTES"] = "6291456",
            ["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] = "false",
        };
        _container = new ContainerBuilder(Image)
            .WithEnvironment(settings)
            .WithPortBinding(_port, _port)
            .WithCleanUp(false)
            .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("Kafka Server started"))
            .Build();
        await _container.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_container is not null)
            await _container.DisposeAsync();
    }
}
