using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Containers;

/// <summary>Standalone on a mosquitto in a container.</summary>
public sealed class MosquittoContainerFixture : StandaloneFixture
{
    const string Image = "eclipse-mosquitto:2.0";
    const int Port = 1883;

    IContainer? _container;

    private protected override IEnumerable<string> Switches => [$"--mqtt:server=mqtt://127.0.0.1:{_container!.GetMappedPublicPort(Port)}"];

    public override async ValueTask InitializeAsync()
    {
        Missing = await DockerEngine.MissingAsync(Image);
        if (Missing is not null)
            return;
        _container = new ContainerBuilder(Image)
            .WithResourceMapping(
                "listener 1883\nallow_anonymous true\nmax_queued_messages 0\nset_tcp_nodelay true\n"u8.ToArray(), "/mosquitto/config/mosquitto.conf")
            .WithPortBinding(Port, assignRandomHostPort: true)
            .WithCleanUp(false)
            .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("mosquitto version .* running"))
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
