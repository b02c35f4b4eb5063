using Contracts;
using Ingress;
using Ingress.Journal;
using Ingress.Sockets;
using Messaging;

namespace Pipeline.Tests.Ingress;

/// <summary>The same sessions on an outlet and a log that allocate nothing themselves.</summary>
sealed class BareGateway : IDatagramOutlet
{
    readonly DeviceGateway _gateway;

    public BareGateway(GatewayUnderTest model, CountingLog log)
    {
        var node = new Node
        {
            Clock = model.Node.Clock,
            Random = model.Node.Random,
            Log = log,
            Outlet = this,
            Topics = model.Node.Topics,
            Configuration = model.Node.Configuration,
            Telemetry = model.Node.Telemetry,
            Identifiers = model.Node.Identifiers,
            Sessions = model.Node.Sessions,
            Listeners = model.Node.Listeners,
            Slot = model.Node.Slot,
            Epoch = model.Node.Epoch,
        };
        _gateway = new DeviceGateway(node);
    }

    public int Sent { get; private set; }

    public void Receive(byte[] datagram) => _gateway.Receive(GatewayUnderTest.Device, datagram);

    void IDatagramOutlet.Send(in Peer peer, ReadOnlySpan<byte> datagram) => Sent++;
}

/// <summary>Acknowledges at once, keeps nothing.</summary>
sealed class CountingLog : ILog
{
    public int Count { get; private set; }
    public int LargestRecord { get; private set; }

    public AppendStatus TryAppend(string topic, int partition, byte[] key, byte[]? value, IAppendSink sink, long cookie)
    {
        Count++;
        LargestRecord = Math.Max(LargestRecord, value!.Length);
        sink.Appended(cookie, 0, Count, true);
        return AppendStatus.Handed;
    }

    public void AskForEndOfSessions(Action<bool> answer) => answer(true);
}
