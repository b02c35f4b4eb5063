using Ingress.Journal;
using Ingress.Sockets;
using Messaging;

namespace Tools.Imports;

/// <summary>Where an import writes records and sends datagrams: nowhere.</summary>
sealed class NoLog : ILog, IDatagramOutlet
{
    public AppendStatus TryAppend(string topic, int partition, byte[] key, byte[]? value, IAppendSink sink, long cookie) => AppendStatus.BrokersAway;

    public void AskForEndOfSessions(Action<bool> answer)
    {
    }

    public void Send(in Peer peer, ReadOnlySpan<byte> datagram)
    {
    }
}
