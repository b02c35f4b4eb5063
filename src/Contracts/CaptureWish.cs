namespace Contracts;

/// <summary>Whose datagrams are to be recorded: an <see cref="EndpointWish"/>. It adds to <c>ingress.capture</c>.</summary>
public static class CaptureWish
{
    public const string Key = "capture/wish";

    /// <summary>In place of endpoints: every datagram, also of peers without a session.</summary>
    public const string All = "all";

    /// <summary>In the configuration, in place of endpoints: nothing.</summary>
    public const string Off = "off";
}
