namespace Protocol.Coap;

/// <summary>The check for critical options that each endpoint owes before it acts on a message (RFC 7252 section 5.4.1).</summary>
public static class CriticalOptions
{
    /// <summary>
    /// Finds the first critical option that is not in <paramref name="supported"/>, has a length out of its range (section 5.4.3) or is
    /// repeated though it must not be (section 5.4.5). Then a request is answered 4.02; a response, and any NON, is rejected
    /// (<see cref="CoapFrame.RejectWithReset"/>).
    /// </summary>
    public static bool TryFindUnsupported(in CoapFrame frame, ReadOnlySpan<ushort> supported, out ushort number)
    {
        var previous = -1;
        foreach (var option in frame.Options)
        {
            number = option.Number;
            if (CoapOptionNumber.IsCritical(number) && !IsAcceptable(option, previous, supported))
                return true;
            previous = number;
        }

        number = 0;
        return false;
    }

    static bool IsAcceptable(CoapOption option, int previous, ReadOnlySpan<ushort> supported) =>
        supported.Contains(option.Number)
        && OptionFormat.AllowsLength(option.Number, option.Value.Length)
        && (option.Number != previous || OptionFormat.IsRepeatable(option.Number));
}
