using Contracts;

namespace Tools.Captures;

/// <summary>Recorded datagrams, by time; may be read more than once.</summary>
interface ICaptureSource
{
    /// <summary>Records that were none of this version, of all readings.</summary>
    long Unreadable { get; }

    IAsyncEnumerable<CapturedDatagram> ReadAsync(CancellationToken cancellation);
}
