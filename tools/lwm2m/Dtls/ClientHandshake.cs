using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Protocol.Dtls;
using Tools.Simulation;
using CipherSuite = Protocol.Dtls.CipherSuite;

namespace Tools.Dtls;

/// <summary>
/// A handshake with a pre-shared key as its client sees it (RFC 6347 section 4.2, RFC 4279), as a state machine without I/O: datagrams and the
/// time in milliseconds go in, datagrams come out. The library's client waits on a thread for each handshake, which a fleet that comes up at once
/// does not have, and its chance cannot be repeated. One thread. Messages that the server cuts into pieces are not understood.
/// </summary>
sealed class ClientHandshake
{
    const long FirstDelay = 2_000;
    const long MostDelay = 60_000;
    const long Patience = 60_000;
    const int MostKept = 8;
    const int MostDatagram = 1024;
    const int MostPlaintext = 2048;

    static readonly int[] Suites = [CipherSuite.PskCcm8.Number, CipherSuite.PskGcm.Number];

    readonly DtlsCredential _credential;
    readonly SendDatagram _send;
    readonly byte[] _random = new byte[KeySchedule.RandomLength];
    readonly Dictionary<ushort, byte[]> _early = [];
    readonly List<byte> _transcript = [];
    readonly long _endsAt;

    // Before the keys are there one ClientHello, then what ends the handshake.
    List<(byte Type, bool IsProtected, byte[] Content)> _flight = [];
    byte[] _cookie = [];
    byte[] _serverRandom = [];
    byte[] _masterSecret = [];
    byte[] _peerId = [];
    bool _isExtended;
    CipherSuite? _suite;
    RecordProtection? _protection;
    ReplayWindow _window;
    ulong _next;
    ulong _nextProtected = RecordHeader.FirstProtected;
    ushort _expected;
    ushort _sequence;
    long _delay;

    /// <summary>Sends the first message.</summary>
    /// <param name="random">Decides the client's random value; a real device would not use one that can be repeated.</param>
    public ClientHandshake(DtlsCredential credential, Random random, SendDatagram send, long now)
    {
        (_credential, _send, _endsAt) = (credential, send, now + Patience);
        random.NextBytes(_random);
        SayHello(now);
    }

    /// <summary>When <see cref="Poll"/> has something to do, if no datagram comes before.</summary>
    public long NextDeadline { get; private set; }

    /// <summary>What it has come to; null before that.</summary>
    public ClientSession? Session { get; private set; }

    /// <summary>Why it has come to nothing: the name of an alert (RFC 5246 section 7.2), say; null: it has not.</summary>
    public string? Problem { get; private set; }

    public bool IsOver => Session is not null || Problem is not null;

    public void Poll(long now)
    {
        if (IsOver || now < NextDeadline)
            return;
        if (now >= _endsAt)
        {
            Fail("no answer");
            return;
        }

        _delay = Math.Min(2 * _delay, MostDelay);
        Transmit(now);
    }

    /// <summary>What it does not understand changes nothing.</summary>
    public void Receive(long now, ReadOnlySpan<byte> datagram)
    {
        Span<byte> plaintext = stackalloc byte[MostPlaintext];
        while (!IsOver && RecordHeader.TryNext(ref datagram, out var record))
        {
            var type = record.Type;
            scoped var content = record.Fragment;
            if (record.Epoch > 0)
            {
                if (_protection is null || record.Fragment.Length > plaintext.Length || !_window.IsNew(record.Sequence)
                    || !_protection.TryOpen(record, plaintext, out type, out var length))
                    continue;
                _window.Add(record.Sequence);
                content = plaintext[..length];
            }

            if (type == RecordHeader.Alert && content.Length == 2 && content[0] == AlertLevel.fatal)
                Fail(AlertDescription.GetName(content[1]));
            while (type == RecordHeader.Handshake && !IsOver && HandshakeMessage.TryNext(ref content, out var message))
            {
                // Only who has the key says Finished, and nothing else is said with it.
                if (message.Type == HandshakeMessage.Finished == record.Epoch > 0)
                    Take(now, message);
            }
        }
    }

    void Take(long now, in HandshakeMessage message)
    {
        if (message.TryReadCookie(out var cookie))
        {
            if (_suite is not null || cookie.SequenceEqual(_cookie))
                return;
            _cookie = cookie.ToArray();
            _expected = (ushort)(message.Sequence + 1);
            SayHello(now);
            return;
        }

        if (message.Sequence < _expected || message.Sequence >= _expected + MostKept)
            return;
        // A later one may overtake those before it.
        _early[message.Sequence] = message.Bytes.ToArray();
        while (!IsOver && _early.Remove(_expected, out var bytes))
        {
            _expected++;
            Understand(now, HandshakeMessage.Of(bytes));
        }
    }

    void Understand(long now, in HandshakeMessage message)
    {
        switch (message.Type)
        {
            case HandshakeMessage.ServerHello when _suite is null && message.TryReadServerHello(out var hello) && Suites.Contains(hello.Suite):
                _suite = CipherSuite.Of(hello.Suite);
                (_serverRandom, _peerId, _isExtended) = (hello.Random.ToArray(), hello.ConnectionId.ToArray(), hello.IsExtended);
                break;
            // A hint at which key is meant is for those who have several.
            case HandshakeMessage.ServerKeyExchange when _suite is not null && _protection is null:
                break;
            case HandshakeMessage.ServerHelloDone when _suite is not null && _protection is null:
                _transcript.AddRange(message.Bytes);
                SayFinished(now);
                return;
            case HandshakeMessage.Finished when _protection is not null:
                var expected = KeySchedule.VerifyData(_masterSecret, false, [.. _transcript]);
                if (!CryptographicOperations.FixedTimeEquals(expected, message.Body))
                    Fail(AlertDescription.GetName(AlertDescription.decrypt_error));
                else
                    Session = new ClientSession(_protection, _nextProtected, _window);
                return;
            default:
                Fail(AlertDescription.GetName(AlertDescription.unexpected_message));
                return;
        }

        _transcript.AddRange(message.Bytes);
    }

    // What is not the last hello counts for nothing (RFC 6347 section 4.2.1).
    void SayHello(long now)
    {
        _sequence = (ushort)(_cookie.Length > 0 ? 1 : 0);
        var hello = HandshakeMessage.Hello(_sequence++, _random, _cookie, Suites, _credential.UsesConnectionId);
        _transcript.Clear();
        _transcript.AddRange(hello);
        Begin(now, [(RecordHeader.Handshake, false, hello)]);
    }

    void SayFinished(long now)
    {
        var exchange = HandshakeMessage.KeyExchange(_sequence++, _credential.Identity);
        _transcript.AddRange(exchange);
        _masterSecret = _isExtended
            ? KeySchedule.ExtendedMasterSecret(_credential.Key, [.. _transcript])
            : KeySchedule.MasterSecret(_credential.Key, _random, _serverRandom);
        var block = KeySchedule.KeyBlock(_masterSecret, _random, _serverRandom, AeadProtection.KeyBlockLength);
        _protection = AeadProtection.OfClient(_suite!, block, _peerId);
        var finished = HandshakeMessage.Write(HandshakeMessage.Finished, _sequence++, KeySchedule.VerifyData(_masterSecret, true, [.. _transcript]));
        _transcript.AddRange(finished);
        Begin(now, [(RecordHeader.Handshake, false, exchange), (RecordHeader.ChangeCipherSpec, false, [1]), (RecordHeader.Handshake, true, finished)]);
    }

    void Begin(long now, List<(byte, bool, byte[])> flight)
    {
        (_flight, _delay) = (flight, FirstDelay);
        Transmit(now);
    }

    // In one datagram. Who says something again says it in records with new numbers.
    void Transmit(long now)
    {
        NextDeadline = Math.Min(now + _delay, _endsAt);
        Span<byte> datagram = stackalloc byte[MostDatagram];
        var length = 0;
        foreach (var (type, isProtected, content) in _flight)
        {
            length += isProtected
                ? _protection!.Protect(_nextProtected++, type, content, datagram[length..])
                : RecordHeader.Write(datagram[length..], type, _next++, content);
        }

        _send(datagram[..length]);
    }

    void Fail(string problem)
    {
        Problem = problem;
        _protection?.Dispose();
    }
}
