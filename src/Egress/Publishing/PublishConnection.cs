using Egress.Mqtt;
using Microsoft.Extensions.Logging;

namespace Egress.Publishing;

/// <summary>
/// One of the connections that events are published on. Sends in the order in which it was given, many at a time; after a lost connection
/// it begins again with the oldest that was not acknowledged: as a repetition where the broker still has the session, else anew.
/// </summary>
internal sealed partial class PublishConnection(
    MqttBroker broker, string clientId, int inflight, IPublicationSink sink, EgressTelemetry telemetry, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>As many ends of the connection over one record, and the record is given up.</summary>
    public const int MaxDisconnects = 3;

    private static readonly TimeSpan s_connectBound = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly PublishWindow _window = new();
    private readonly Signal _work = new();
    private bool _hadSession;

    public bool Connected { get; private set; }

    /// <summary>Why it is not connected.</summary>
    public string Trouble { get; private set; } = "not connected yet";

    /// <summary>Takes a publication. Bounded by what the consumer hands out at once.</summary>
    public void Enqueue(in Publication publication)
    {
        lock (_gate)
        {
            _window.Add(publication);
        }

        _work.Set();
    }

    /// <summary>Lets go of what waits for partitions that are no longer ours.</summary>
    public void DropEnded()
    {
        lock (_gate)
        {
            _window.DropEnded();
        }
    }

    /// <summary>Keeps the connection up until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var retry = Reconnecting.Pipeline(time, (reason, pause) => LogRetry(clientId, broker, reason, pause.TotalSeconds));
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
    }

    public void Dispose() => _work.Dispose();

    // Returns when a connection that was of use is lost, throws when it was of none: then the pauses grow.
    private async Task ConnectAndServeAsync(CancellationToken ct)
    {
        MqttConnection connection;
        try
        {
            connection = await MqttConnection.OpenAsync(broker, clientId, resume: _hadSession, s_connectBound, ct);
        }
        catch (ConnectionLostException e)
        {
            Trouble = e.Message;
            throw;
        }

        using (connection)
        {
            _hadSession = true;
            Resume(connection.SessionPresent);
            var exchange = new PublishExchange(connection, _gate, _window, _work, Math.Min(inflight, connection.ReceiveMaximum), sink);
            Connected = true;
            LogConnected(clientId, broker, connection.SessionPresent ? "the session goes on" : "a new session");
            try
            {
                await exchange.RunAsync(time, ct);
            }
            catch (ConnectionLostException e)
            {
                Trouble = e.Message;
                telemetry.Disconnected.Add(1);
                GiveBack(e);
                if (!exchange.WasOfUse)
                {
                    throw;
                }

                LogLost(clientId, broker, e.Message);
            }
            finally
            {
                Connected = false;
            }
        }
    }

    private void Resume(bool sessionPresent)
    {
        lock (_gate)
        {
            if (!sessionPresent)
            {
                _window.SessionLost();
            }
        }
    }

    private void GiveBack(ConnectionLostException end)
    {
        Publication? guilty;
        lock (_gate)
        {
            guilty = _window.Lost(end.BlamesRecord, MaxDisconnects);
        }

        if (guilty is { } publication)
        {
            sink.Undeliverable(publication, $"the connection ended {MaxDisconnects} times over it: {end.Message}");
        }
    }

    [LoggerMessage(10, LogLevel.Information, "MQTT {ClientId}: connected to {Broker}, {Session}.")]
    private partial void LogConnected(string clientId, MqttBroker broker, string session);

    [LoggerMessage(11, LogLevel.Warning, "MQTT {ClientId}: connection to {Broker} lost: {Reason}.")]
    private partial void LogLost(string clientId, MqttBroker broker, string reason);

    [LoggerMessage(12, LogLevel.Warning, "MQTT {ClientId}: no connection to {Broker}: {Reason}. Again in {Seconds:0.0} s.")]
    private partial void LogRetry(string clientId, MqttBroker broker, string reason, double seconds);
}
