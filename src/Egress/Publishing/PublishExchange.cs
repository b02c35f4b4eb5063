using System.Buffers.Binary;
using Egress.Mqtt;
using MQTTnet.Packets;

namespace Egress.Publishing;

/// <summary>What goes to and fro on one established connection: publishes and their acknowledgements (QoS 0, 1 and 2), pings.</summary>
/// <param name="connection">The connection; this is its only writer and reader.</param>
/// <param name="gate">Guards <paramref name="window"/>, and what is private here.</param>
/// <param name="window">What is to be published; outlives the connection.</param>
/// <param name="work">Set when there may be something to send.</param>
/// <param name="limit">Most publishes that may be unacknowledged.</param>
/// <param name="sink">Hears what became of them.</param>
internal sealed class PublishExchange(MqttConnection connection, Lock gate, PublishWindow window, Signal work, int limit, IPublicationSink sink)
{
    private const byte PingRequest = 0xc0;
    private const byte Release = 0x62;

    // A broker that answers pings and acknowledges nothing all the time is not to be waited for.
    private const int MaxBarrenPings = 4;

    private readonly Queue<ushort> _releases = [];
    private readonly List<ushort> _unacknowledged = [];
    private bool _pingDue;
    private bool _pingUnanswered;
    private long _acknowledged;

    /// <summary>True where the broker has acknowledged anything on this connection.</summary>
    public bool WasOfUse => _acknowledged > 0;

    /// <exception cref="ConnectionLostException">The connection is gone, always, unless <paramref name="ct"/> is cancelled first.</exception>
    public async Task RunAsync(TimeProvider time, CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task sending = SendAsync(end.Token), receiving = ReceiveAsync(end.Token), pinging = PingAsync(time, end.Token);
        var first = await Task.WhenAny(sending, receiving, pinging);
        if (first == sending)
        {
            // The broker's DISCONNECT, which says why, may still be there to be read.
            end.CancelAfter(TimeSpan.FromSeconds(1));
            first = await Task.WhenAny(receiving, pinging);
            first = first.IsCanceled ? sending : first;
        }

        await end.CancelAsync();
        await Task.WhenAll(sending, receiving, pinging).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ct.IsCancellationRequested && connection.Output.Count == 0)
        {
            connection.Farewell();
            await connection.FlushAsync(CancellationToken.None).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        ct.ThrowIfCancellationRequested();
        await first;
    }

    private async Task SendAsync(CancellationToken ct)
    {
        var settlements = new Settlements(sink);
        while (true)
        {
            lock (gate)
            {
                Fill(settlements);
            }

            settlements.Tell();
            if (connection.Output.Count == 0)
            {
                await work.WaitAsync(ct);
                continue;
            }

            await connection.FlushAsync(ct);
            if (_unacknowledged.Count > 0)
            {
                // QoS 0: that it was sent is all that we shall ever know.
                lock (gate)
                {
                    _unacknowledged.ForEach(id => SettlePublished(id, settlements));
                    window.DropSettled();
                }

                _unacknowledged.Clear();
                settlements.Tell();
            }
        }
    }

    private void Fill(Settlements settlements)
    {
        var output = connection.Output;
        if (_pingDue)
        {
            output.Raw([PingRequest, 0]);
            _pingDue = false;
        }

        while (_releases.TryDequeue(out var id))
        {
            PutRelease(id);
        }

        while (output.Count < PacketBuffer.Full && window.TrySend(limit, out var id))
        {
            ref var publication = ref window.OnTheWireWith(id);
            if (publication.State == PublicationState.Received)
            {
                PutRelease(id);
                continue;
            }

            var qos = Math.Min(publication.Qos, connection.MaximumQos);
            var packet = new PublishPacket
            {
                Topic = publication.Topic,
                Payload = publication.Record.Value,
                Qos = qos,
                Retain = publication.Retain && connection.RetainAvailable,
                PacketId = id,
                Again = qos > 0 && publication.KnownQos > 0,
                Endpoint = MqttText.IsText(publication.Record.Key) ? publication.Record.Key : [],
                EventId = publication.EventId.Span,
                Correlation = publication.Correlation.Span,
                TraceParent = publication.TraceParent.Span,
            };
            if (!packet.TryWrite(output, connection.Version5, connection.MaximumPacketSize))
            {
                settlements.Undeliverable(publication, "larger than the broker takes");
                window.Settle(id);
            }
            else if (qos == 0)
            {
                _unacknowledged.Add(id);
            }
            else
            {
                publication.KnownQos = qos;
            }
        }
    }

    private void PutRelease(ushort id)
    {
        connection.Output.Raw([Release, 2]);
        connection.Output.UInt16(id);
    }

    private async Task ReceiveAsync(CancellationToken ct)
    {
        var settlements = new Settlements(sink);
        while (true)
        {
            await connection.FillAsync(ct);
            try
            {
                lock (gate)
                {
                    while (connection.TryRead(out var header, out var body))
                    {
                        Take(header, body, settlements);
                    }

                    window.DropSettled();
                }
            }
            finally
            {
                settlements.Tell();
            }

            work.Set();
        }
    }

    private void Take(byte header, ReadOnlyMemory<byte> body, Settlements settlements)
    {
        switch (header >> 4)
        {
            case 4 or 5 or 7 when body.Length >= 2:
                var id = BinaryPrimitives.ReadUInt16BigEndian(body.Span);
                TakeAcknowledgement(header >> 4, id, body.Length > 2 ? body.Span[2] : (byte)0, settlements);
                break;
            case 13:
                _pingUnanswered = false;
                break;
            case 14 when connection.Version5:
                var reason = body.IsEmpty ? (byte)0 : body.Span[0];
                var text = ((MqttDisconnectPacket)connection.Decode(header, body)).ReasonString;
                throw new ConnectionLostException($"the broker says: {PubAckReason.Name(reason)} {text}".TrimEnd(), PubAckReason.BlamesRecord(reason));
            default:
                throw new ConnectionLostException($"unexpected packet 0x{header:x2} from the broker", blamesRecord: false);
        }
    }

    private void TakeAcknowledgement(int kind, ushort id, byte reason, Settlements settlements)
    {
        const int PubRec = 5, PubComp = 7;
        if (!window.IsOnTheWire(id))
        {
            return;
        }

        ref var publication = ref window.OnTheWireWith(id);
        // The one reason that PUBCOMP may give is that the broker has forgotten the packet id: then the exchange was over before.
        if (kind != PubComp && !PubAckReason.IsSuccess(reason))
        {
            if (!PubAckReason.IsFinal(reason))
            {
                // To try it again at its place in the order, everything after it has to be tried again too.
                window.TakeBack(id);
                throw new ConnectionLostException($"the broker refuses a publish: {PubAckReason.Name(reason)}", PubAckReason.BlamesRecord(reason));
            }

            _acknowledged++;
            settlements.Undeliverable(publication, $"the broker refuses it: {PubAckReason.Name(reason)}");
            window.Settle(id);
            return;
        }

        _acknowledged++;
        if (kind == PubRec)
        {
            publication.State = PublicationState.Received;
            _releases.Enqueue(id);
        }
        else
        {
            SettlePublished(id, settlements);
        }
    }

    private void SettlePublished(ushort id, Settlements settlements)
    {
        ref var publication = ref window.OnTheWireWith(id);
        if (!publication.Abandoned)
        {
            settlements.Published(publication);
        }

        window.Settle(id);
    }

    private async Task PingAsync(TimeProvider time, CancellationToken ct)
    {
        if (connection.KeepAlive <= TimeSpan.Zero)
        {
            await Task.Delay(Timeout.Infinite, ct);
        }

        using var timer = new PeriodicTimer(connection.KeepAlive / 2, time);
        var (barren, before) = (0, 0L);
        while (await timer.WaitForNextTickAsync(ct))
        {
            lock (gate)
            {
                barren = window.OnTheWire > 0 && _acknowledged == before ? barren + 1 : 0;
                before = _acknowledged;
                if (_pingUnanswered || barren > MaxBarrenPings)
                {
                    throw new ConnectionLostException(_pingUnanswered ? "the broker is silent" : "the broker acknowledges nothing", blamesRecord: false);
                }

                (_pingDue, _pingUnanswered) = (true, true);
            }

            work.Set();
        }
    }
}
