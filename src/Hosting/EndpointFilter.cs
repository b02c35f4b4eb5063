using Contracts;

namespace Hosting;

/// <summary>All endpoints, or those with certain names.</summary>
internal sealed class EndpointFilter
{
    readonly bool _isAll;
    readonly EndpointGlobs _endpoints;

    EndpointFilter(bool isAll, IReadOnlyList<string> endpoints) => (_isAll, _endpoints) = (isAll, new EndpointGlobs(endpoints));

    /// <summary>Null where none is wanted.</summary>
    public static EndpointFilter? Of(IEnumerable<string> wanted)
    {
        var named = wanted.Where(name => name != CaptureWish.Off).ToList();
        return named.Count == 0 ? null : new EndpointFilter(named.Contains(CaptureWish.All), named);
    }

    /// <param name="endpoint">Empty where it is not known.</param>
    public bool Wants(string endpoint) => _isAll || (endpoint.Length > 0 && _endpoints.Match(endpoint));
}
