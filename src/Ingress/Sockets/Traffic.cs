namespace Ingress.Sockets;

/// <summary>What went through one listener. Added to by its threads, looked at when somebody asks.</summary>
sealed class Traffic
{
    long _received;
    long _receivedBytes;
    long _sent;
    long _sentBytes;

    public long ReceivedDatagrams => Interlocked.Read(ref _received);

    public long ReceivedBytes => Interlocked.Read(ref _receivedBytes);

    public long SentDatagrams => Interlocked.Read(ref _sent);

    public long SentBytes => Interlocked.Read(ref _sentBytes);

    public void Received(int bytes)
    {
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _receivedBytes, bytes);
    }

    public void Sent(int bytes)
    {
        Interlocked.Increment(ref _sent);
        Interlocked.Add(ref _sentBytes, bytes);
    }
}
