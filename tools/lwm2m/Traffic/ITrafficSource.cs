using Contracts;

namespace Tools.Traffic;

/// <summary>Uplink events to be looked at again, in one order that is always the same.</summary>
interface ITrafficSource
{
    /// <summary>Records that were none of this version.</summary>
    long Unreadable { get; }

    /// <param name="work">Done with each event before they are put in order, several at a time: a function of the event alone.</param>
    IAsyncEnumerable<(UplinkEvent Event, T Result)> ReadAsync<T>(Func<UplinkEvent, T> work, CancellationToken cancellation);
}
