using Contracts;

namespace Ingress.Capture;

/// <summary>Whose datagrams are recorded: those of all peers, or of endpoints with certain names.</summary>
sealed class CaptureFilter
{
    readonly bool _isAll;
    readonly EndpointGlobs _endpoints;

    CaptureFilter(bool isAll, IReadOnlyList<string> endpoints) => (_isAll, _endpoints) = (isAll, new EndpointGlobs(endpoints));

    /// <summary>Null where nothing is to be recorded.</summary>
    public static CaptureFilter? Of(IEnumerable<string> wanted)
    {
        var named = wanted.Where(name => name != CaptureWish.Off).ToList();
        return named.Count == 0 ? null : new CaptureFilter(named.Contains(CaptureWish.All), named);
    }

    /// <param name="endpoint">Empty where it is not known.</param>
    public bool Wants(string endpoint) => _isAll || (endpoint.Length > 0 && _endpoints.Match(endpoint));
}
