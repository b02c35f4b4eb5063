using Contracts.Configuration;
using Hosting;
using Messaging;

namespace Egress.Relay;

/// <summary>Brings together what says where commands come in: the configuration, the further topics of clients, and who is registered.</summary>
internal sealed class CommandSources : IDisposable
{
    private readonly LiveConfiguration _live;
    private readonly ConfigReader _config;
    private readonly PrefixDirectory _directory;
    private readonly ExtraSubscriptions _extra;

    public CommandSources(LiveConfiguration live, ConfigReader config, PrefixDirectory directory, ExtraSubscriptions extra)
    {
        (_live, _config, _directory, _extra) = (live, config, directory, extra);
        live.Changed += OnConfiguration;
        config.Moved += Tell;
        directory.Changed += OnRegistration;
        extra.Changed += Tell;
    }

    /// <summary>The topics may be others now; must not block.</summary>
    public event Action? Changed;

    /// <summary>As of now, and not older than the offset of the config topic that it names.</summary>
    public CommandTopics Now()
    {
        var offset = _config.Position.Offset ?? 0;
        return new CommandTopics(_live.Current.Lwm2m, _extra.Of(_directory)) { ConfigOffset = offset };
    }

    public void Dispose()
    {
        _live.Changed -= OnConfiguration;
        _config.Moved -= Tell;
        _directory.Changed -= OnRegistration;
        _extra.Changed -= Tell;
    }

    private void OnConfiguration(GatewayConfiguration configuration) => Tell();

    private void OnRegistration(string clientid)
    {
        if (_extra.Has(clientid))
        {
            Tell();
        }
    }

    private void Tell() => Changed?.Invoke();
}
