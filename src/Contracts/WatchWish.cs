namespace Contracts;

/// <summary>Endpoints whose every step is to be logged: an <see cref="EndpointWish"/>. It adds to <c>log.watch</c>.</summary>
public static class WatchWish
{
    public const string Key = "watch/wish";
}
