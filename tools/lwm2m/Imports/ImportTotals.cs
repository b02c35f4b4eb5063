using Tools.Pcap;

namespace Tools.Imports;

/// <summary>What an import has found, and what it could not use and why.</summary>
sealed class ImportTotals
{
    readonly Dictionary<PacketFit, long> _unfit = [];

    public long Frames { get; set; }

    public long Events { get; set; }

    /// <summary>Which of both ends is the gateway cannot be told.</summary>
    public long Undecided { get; set; }

    /// <summary>UDP, and no CoAP message: perhaps encrypted.</summary>
    public long NotCoap { get; set; }

    /// <summary>Messages that had been seen already.</summary>
    public long Repeated { get; set; }

    /// <summary>Of devices whose Register is not in the capture.</summary>
    public long OfUnknown { get; set; }

    /// <summary>Answers and notifications whose request is not in the capture.</summary>
    public long Unasked { get; set; }

    /// <summary>Requests and notifications of devices that the gateway did not take: refused, or without an answer.</summary>
    public long NotTaken { get; set; }

    /// <summary>Requests that mean nothing to us.</summary>
    public long Foreign { get; set; }

    public void Count(PacketFit unfit) => _unfit[unfit] = _unfit.GetValueOrDefault(unfit) + 1;

    public long OtherProtocols => _unfit.GetValueOrDefault(PacketFit.NotCoap);

    public long NotUdp => _unfit.GetValueOrDefault(PacketFit.NotUdp);

    public long Fragments => _unfit.GetValueOrDefault(PacketFit.Fragment);

    public long Malformed => _unfit.GetValueOrDefault(PacketFit.Malformed);

    public long UnknownLink => _unfit.GetValueOrDefault(PacketFit.UnknownLink);

    /// <summary>One line for each that there is.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{Events} uplink events of {Frames} frames";
        var left = new (long Count, string What)[]
        {
            (NotUdp, "frames that are not UDP"),
            (OtherProtocols, "messages of other protocols"),
            (Fragments, "fragments, which are not put together"),
            (Malformed, "frames that are cut off or broken"),
            (UnknownLink, "frames of a link type that is not known"),
            (NotCoap, "datagrams that are no CoAP"),
            (Undecided, "datagrams of which neither end, or both, can be the gateway: --gateway names it"),
            (Repeated, "repeated messages"),
            (OfUnknown, "messages of devices whose Register is not in the capture"),
            (Unasked, "answers and notifications whose request is not in the capture"),
            (NotTaken, "messages of devices that the gateway refused or left unanswered"),
            (Foreign, "requests that are none of LwM2M"),
        };
        foreach (var (count, what) in left.Where(reason => reason.Count > 0))
            yield return $"  {count} {what}";
    }
}
