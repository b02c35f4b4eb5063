using Org.BouncyCastle.Tls;
using Protocol.Dtls;

namespace Tools.Dtls;

/// <summary>The client's side of an established session: its records, in both directions.</summary>
/// <param name="protection">Its keys.</param>
/// <param name="nextPosition">Epoch and number of the next record that it sends.</param>
/// <param name="window">What it has heard.</param>
sealed class ClientSession(RecordProtection protection, ulong nextPosition, ReplayWindow window) : IDisposable
{
    ReplayWindow _window = window;
    ulong _nextPosition = nextPosition;

    /// <summary>The longest record is so much longer than what it says.</summary>
    public int Overhead => protection.Overhead;

    /// <summary>Writes a record that says that, and returns its length.</summary>
    public int Protect(ReadOnlySpan<byte> message, Span<byte> record) => protection.Protect(_nextPosition++, RecordHeader.ApplicationData, message, record);

    /// <summary>Writes a record that ends the session (close_notify), and returns its length.</summary>
    public int ProtectFarewell(Span<byte> record) =>
        protection.Protect(_nextPosition++, RecordHeader.Alert, [(byte)AlertLevel.warning, (byte)AlertDescription.close_notify], record);

    /// <summary>Opens the first record of a datagram, and takes it off. False: there is none any more that is whole.</summary>
    /// <param name="datagram">Whole records.</param>
    /// <param name="plaintext">As long as the datagram.</param>
    /// <param name="length">Of what was said; 0 where it is none of the server's, or says nothing to the device.</param>
    /// <param name="isEnd">The server has ended the session.</param>
    public bool TryNext(scoped ref ReadOnlySpan<byte> datagram, scoped Span<byte> plaintext, out int length, out bool isEnd)
    {
        (length, isEnd) = (0, false);
        if (!RecordHeader.TryNext(ref datagram, out var record))
            return false;
        if (record.Epoch != 1 || !_window.IsNew(record.Sequence) || !protection.TryOpen(record, plaintext, out var type, out var opened))
            return true;
        _window.Add(record.Sequence);
        if (type == RecordHeader.ApplicationData)
            length = opened;
        isEnd = type == RecordHeader.Alert && opened == 2 && (plaintext[0] == AlertLevel.fatal || plaintext[1] == AlertDescription.close_notify);
        return true;
    }

    public void Dispose() => protection.Dispose();
}
