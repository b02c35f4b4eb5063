using Protocol.Coap;

namespace Ingress.Sends;

/// <summary>How a Send is answered.</summary>
/// <param name="Code">2.04, or the error that it is refused with.</param>
/// <param name="Reason">Of an error: one sentence.</param>
readonly record struct SendVerdict(CoapCode Code, string Reason)
{
    public static readonly SendVerdict Taken = new(CoapCode.Changed, "");

    public bool IsTaken => Code == CoapCode.Changed;
}
