using System.Buffers;
using System.Threading.Channels;
using Contracts;
using Egress.Mqtt;
using MQTTnet;
using MQTTnet.Exceptions;

namespace Egress.Relay;

/// <summary>What happens on one connection of the relay: messages go into Kafka one after the other, their acknowledgements follow in the same order.</summary>
internal sealed class RelaySession : IAsyncDisposable
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private readonly IMqttClient _client;
    private readonly CommandIntake _intake;
    private readonly Func<CommandTopics> _topics;
    private readonly EgressTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // MQTT 3.1.1 has no receive maximum; when this is full the next message is not taken from the socket's queue.
    private readonly Channel<(MqttApplicationMessageReceivedEventArgs Message, Intake Intake)> _unacknowledged =
        Channel.CreateBounded<(MqttApplicationMessageReceivedEventArgs, Intake)>(RelayConnection.ReceiveMaximum);

    private Task _acknowledging = Task.CompletedTask;
    private Task _last = Task.CompletedTask;
    private volatile bool _closed;

    public RelaySession(IMqttClient client, CommandIntake intake, Func<CommandTopics> topics, EgressTelemetry telemetry, TimeProvider time)
    {
        (_client, _intake, _topics, _telemetry, _time) = (client, intake, topics, telemetry, time);
        client.ApplicationMessageReceivedAsync += message => _last = ReceiveAsync(message);
        client.DisconnectedAsync += end =>
        {
            _completion.TrySetException(end.Reason == MqttClientDisconnectReason.SessionTakenOver
                ? new RelayTakenOverException()
                : new ConnectionLostException(end.Exception?.Message ?? $"{end.Reason} {end.ReasonString}".TrimEnd(), blamesRecord: false));
            return Task.CompletedTask;
        };
    }

    /// <summary>Faults when the connection is lost.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Lets the messages in, which the broker may send before it has answered anything else.</summary>
    public void Begin()
    {
        _acknowledging = AcknowledgeAsync();
        _began.TrySetResult();
    }

    /// <summary>Takes nothing more, and waits a moment for what is on its way into Kafka.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        _began.TrySetCanceled();
        _unacknowledged.Writer.TryComplete();
        if (_client.IsConnected)
        {
            await Task.WhenAny(_acknowledging, Task.Delay(s_farewell, _time));
        }

        await _end.CancelAsync();
        await Task.WhenAll(_acknowledging, _last).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    // MQTTnet calls it for one message at a time.
    private async Task ReceiveAsync(MqttApplicationMessageReceivedEventArgs message)
    {
        message.AutoAcknowledge = false;
        try
        {
            await _began.Task;
            if (_closed)
            {
                return;
            }

            await _unacknowledged.Writer.WriteAsync((message, await TakeAsync(message)), _end.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // Not acknowledged: it will be delivered again.
        }
#pragma warning disable CA1031 // MQTTnet would swallow it
        catch (Exception e)
#pragma warning restore CA1031
        {
            _completion.TrySetException(e);
        }
    }

    private Task<Intake> TakeAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        var message = received.ApplicationMessage;
        if (message.Retain)
        {
            _telemetry.Ignored("retained");
            return Task.FromResult(Intake.Nothing);
        }

        var command = new IncomingCommand
        {
            Topic = message.Topic,
            Payload = message.Payload.ToArray(),
            PacketId = received.PacketIdentifier,
            Redelivered = message.Dup,
            ResponseTopic = message.ResponseTopic,
            CorrelationData = message.CorrelationData,
            TraceParent = TraceOf(message),
            ExpiresAt = message.MessageExpiryInterval > 0 ? _time.GetUtcNow().ToUnixTimeMilliseconds() + (1000L * message.MessageExpiryInterval) : null,
        };
        return _intake.TakeAsync(command, _topics(), _end.Token);
    }

    // What is none counts as absent (W3C Trace Context, section 3.2).
    private string TraceOf(MqttApplicationMessage message)
    {
        if (!_telemetry.Trail.FollowsSenders || message.UserProperties?.Find(property => property.Name == CommandHeaders.TraceParent) is not { } sent)
        {
            return "";
        }

        if (TraceParent.TextOf(sent.ValueBuffer.Span) is { } text)
        {
            return text;
        }

        _telemetry.TraceParentsIgnored.Add(1);
        return "";
    }

    private async Task AcknowledgeAsync()
    {
        try
        {
            await foreach (var (message, intake) in _unacknowledged.Reader.ReadAllAsync(_end.Token))
            {
                await intake.Written.WaitAsync(_end.Token);
                await message.AcknowledgeAsync(_end.Token);
                _intake.Acknowledged(intake);
            }
        }
        catch (OperationCanceledException) when (_closed)
        {
        }
        catch (Exception e) when (e is MqttCommunicationException or OperationCanceledException)
        {
            _completion.TrySetException(new ConnectionLostException(e.Message, blamesRecord: false, e));
        }
#pragma warning disable CA1031 // a bug: for all to see
        catch (Exception e)
#pragma warning restore CA1031
        {
            _completion.TrySetException(e);
        }
    }
}
