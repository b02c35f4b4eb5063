using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading.Channels;
using Contracts.Configuration;
using Egress.Mqtt;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;
using WireVersion = MQTTnet.Formatter.MqttProtocolVersion;

namespace Egress.Relay;

/// <summary>The MQTT connection that commands come in on, with a session that the broker keeps while nobody is connected. PUBACK leaves when Kafka has the command, in the order of arrival.</summary>
internal sealed partial class RelayConnection(
    MqttBroker broker, string clientId, CommandIntake intake, CommandSources sources, EgressTelemetry telemetry, TimeProvider time, ILogger logger)
{
    /// <summary>Messages that the broker may deliver ahead of our acknowledgement; the tail of the commands topic that is read back must be longer.</summary>
    public const int ReceiveMaximum = 64;

    /// <summary>How long the broker keeps commands while no relay is connected, s.</summary>
    public const uint SessionLasts = 7 * 24 * 3600;

    // Larger packets a broker of MQTT 5 keeps from us: nothing else bounds what the client would put in memory.
    private const uint MaximumPacketSize = 8 * 1024 * 1024;

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    // Filters in one packet: brokers bound its size.
    private const int FiltersAtOnce = 100;

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // What the broker has for us, as far as we know, with the QoS.
    private readonly Dictionary<string, int> _standing = [];
    private CommandTopics _topics = sources.Now();
    private long _configOffset;

    public bool Subscribed { get; private set; }

    /// <summary>Why it is not subscribed.</summary>
    public string Trouble { get; private set; } = "not connected yet";

    /// <summary>Records of the config topic below it are in force at the broker.</summary>
    public long ConfigOffset => Volatile.Read(ref _configOffset);

    /// <summary>Told when that has moved.</summary>
    public required Action Applied { get; init; }

    /// <summary>Keeps the connection up until cancelled; then waits a moment for what is under way and leaves, the session stays.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        void Changed() => _changes.Writer.TryWrite(true);
        sources.Changed += Changed;
        var retry = Reconnecting.Pipeline(time, (reason, pause) => LogRetry(broker, reason, pause.TotalSeconds));
        try
        {
            while (true)
            {
                await retry.ExecuteAsync(async token => await ConnectAndServeAsync(token), ct);
                await Task.Delay(Reconnecting.Shortest, time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
        finally
        {
            sources.Changed -= Changed;
        }
    }

    private async Task ConnectAndServeAsync(CancellationToken ct)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var session = new RelaySession(client, intake, () => _topics, telemetry, time);
        try
        {
            await ConnectAsync(client, session, ct);
            await SubscribeAsync(client, isAnew: true, ct);
            (Subscribed, Trouble) = (true, "");
            await ServeAsync(client, session, ct);
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException or SocketException or IOException
            or AuthenticationException or OperationCanceledException)
        {
            // MQTTnet cancels what waits for the broker when the connection is lost.
            ct.ThrowIfCancellationRequested();
            Trouble = e.Message;
            throw e as ConnectionLostException ?? new ConnectionLostException(e.Message, blamesRecord: false, e);
        }
        finally
        {
            Subscribed = false;
            await session.DisposeAsync();
            await LeaveAsync(client);
            intake.Disconnected();
        }
    }

    private async Task ServeAsync(IMqttClient client, RelaySession session, CancellationToken ct)
    {
        while (true)
        {
            if (_changes.Reader.TryRead(out _))
            {
                await SubscribeAsync(client, isAnew: false, ct);
            }

            await await Task.WhenAny(session.Completion, _changes.Reader.WaitToReadAsync(ct).AsTask());
        }
    }

    private async Task ConnectAsync(IMqttClient client, RelaySession session, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(s_bound);
        var result = await client.ConnectAsync(Options(), patience.Token);
        if (result.ResultCode != MqttClientConnectResultCode.Success)
        {
            throw new ConnectionLostException($"refused: {result.ResultCode} {result.ReasonString}".TrimEnd(), blamesRecord: false);
        }

        if (!result.IsSessionPresent)
        {
            _standing.Clear();
        }

        intake.Connected(result.IsSessionPresent);
        session.Begin();
    }

    // What has gone first, so that nothing stands there that is not known; on a new connection all that is wanted, else what differs.
    private async Task SubscribeAsync(IMqttClient client, bool isAnew, CancellationToken ct)
    {
        var topics = sources.Now();
        foreach (var filters in _standing.Keys.Except(topics.Wanted.Keys).Chunk(FiltersAtOnce))
        {
            var options = new MqttClientUnsubscribeOptionsBuilder();
            Array.ForEach(filters, filter => options.WithTopicFilter(filter));
            await client.UnsubscribeAsync(options.Build(), ct);
            Array.ForEach(filters, filter => _standing.Remove(filter));
        }

        _topics = topics;
        var due = topics.Wanted.Where(wanted => isAnew || _standing.GetValueOrDefault(wanted.Key, -1) != wanted.Value).ToList();
        foreach (var filters in due.Chunk(FiltersAtOnce))
        {
            await SubscribeAsync(client, filters, ct);
        }

        if (isAnew || due.Exists(wanted => topics.Filters.Contains(wanted.Key)))
        {
            LogSubscribed(broker, string.Join(", ", topics.Filters), topics.Wanted.Count - topics.Filters.Count);
        }

        Volatile.Write(ref _configOffset, topics.ConfigOffset);
        Applied();
    }

    private async Task SubscribeAsync(IMqttClient client, KeyValuePair<string, int>[] filters, CancellationToken ct)
    {
        var options = new MqttClientSubscribeOptionsBuilder();
        foreach (var (filter, qos) in filters)
        {
            // A retained command would be a new command each time that the relay moves.
            var handling = Version5 ? MqttRetainHandling.DoNotSendOnSubscribe : MqttRetainHandling.SendAtSubscribe;
            options.WithTopicFilter(filter, (MqttQualityOfServiceLevel)qos, retainHandling: handling);
        }

        foreach (var item in (await client.SubscribeAsync(options.Build(), ct)).Items)
        {
            var filter = item.TopicFilter.Topic;
            if (item.ResultCode <= MqttClientSubscribeResultCode.GrantedQoS2)
            {
                _standing[filter] = _topics.Wanted.GetValueOrDefault(filter);
            }
            else if (_topics.Filters.Contains(filter))
            {
                throw new ConnectionLostException($"subscription to {filter} refused: {item.ResultCode}", blamesRecord: false);
            }
            else
            {
                // One device that the broker does not let us serve must not hold up all others. It is asked again on the next connection.
                _standing[filter] = _topics.Wanted.GetValueOrDefault(filter);
                telemetry.SubscriptionRefused("broker");
                LogRefused(broker, filter, item.ResultCode);
            }
        }
    }

    private static async Task LeaveAsync(IMqttClient client)
    {
        if (client.IsConnected)
        {
            using var patience = new CancellationTokenSource(s_farewell);
            // Without the interval the goodbye would end the session.
            var goodbye = new MqttClientDisconnectOptions { SessionExpiryInterval = client.Options.SessionExpiryInterval };
            await client.DisconnectAsync(goodbye, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool Version5 => broker.Version == MqttProtocolVersion.V5;

    private MqttClientOptions Options()
    {
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer(broker.Host, broker.Port)
            .WithClientId(clientId)
            .WithCleanStart(false)
            .WithKeepAlivePeriod(broker.KeepAlive)
            .WithTimeout(s_bound)
            .WithoutPacketFragmentation()
            .WithProtocolVersion(Version5 ? WireVersion.V500 : WireVersion.V311);
        if (Version5)
        {
            options.WithSessionExpiryInterval(SessionLasts).WithReceiveMaximum(ReceiveMaximum).WithMaximumPacketSize(MaximumPacketSize);
        }

        if (broker.Username is { } username)
        {
            options.WithCredentials(username, broker.Password ?? "");
        }

        if (broker.Tls)
        {
            options.WithTlsOptions(tls =>
            {
                tls.UseTls().WithTargetHost(broker.Host);
                if (broker.Authorities is { } authorities)
                {
                    tls.WithTrustChain(authorities);
                }
            });
        }

        return options.Build();
    }

    [LoggerMessage(40, LogLevel.Information, "Relaying commands: subscribed at {Broker} to {Filters}, and to {Further} topics of single clients.")]
    private partial void LogSubscribed(MqttBroker broker, string filters, int further);

    [LoggerMessage(41, LogLevel.Warning, "No commands are relayed, no connection to {Broker}: {Reason}. Again in {Seconds:0.0} s.")]
    private partial void LogRetry(MqttBroker broker, string reason, double seconds);

    [LoggerMessage(42, LogLevel.Warning, "{Broker} refuses the subscription to {Filter}: {Result}.")]
    private partial void LogRefused(MqttBroker broker, string filter, MqttClientSubscribeResultCode result);
}
