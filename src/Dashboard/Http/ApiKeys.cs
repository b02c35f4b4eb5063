using System.Net;
using System.Security.Cryptography;
using System.Text;
using Contracts.Configuration;
using Microsoft.AspNetCore.Http;

namespace Dashboard.Http;

/// <summary>
/// Who may use the API: with keys, who names one (HTTP Basic, RFC 7617); without, who sits at this machine. Requests that a web page
/// of another origin makes a browser send are refused either way.
/// </summary>
sealed class ApiKeys(IReadOnlyList<string> keys, DashboardTelemetry telemetry, TimeProvider time)
{
    readonly byte[][] _digests = [.. keys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];
    readonly FailureLimit _failures = new(time);

    /// <summary>Why the process must not start so; one sentence each.</summary>
    public static IEnumerable<string> ProblemsOf(HttpOptions http)
    {
        for (var i = 0; i < http.ApiKeys.Count; i++)
        {
            if (http.ApiKeys[i].IndexOf(':', StringComparison.Ordinal) is var colon && (colon < 1 || colon == http.ApiKeys[i].Length - 1))
                yield return $"http.api_keys.{i}: must be name:secret";
        }

        if (http.ApiKeys.Count == 0 && http.Bind is { } bind && (bind.Address is null || !IPAddress.IsLoopback(bind.Address)))
            yield return $"http.bind = \"{bind}\": without http.api_keys the management API answers on loopback only; set keys, or bind to 127.0.0.1";
    }

    /// <summary>Null where the request may go on.</summary>
    public ApiAnswer? Refuse(HttpContext context)
    {
        var source = context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped
            ? mapped.MapToIPv4()
            : context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (IsOfAnotherOrigin(context.Request))
            return Forbid("origin", "a page of another origin may not use this API");
        if (_digests.Length == 0)
        {
            return IPAddress.IsLoopback(source) && IsLocalName(context.Request.Host)
                ? null
                : Forbid("remote", "without http.api_keys the API is for this machine only, by the name localhost or its address");
        }

        if (_failures.IsReached(source))
        {
            telemetry.Refused("limited");
            return ApiAnswer.Error(StatusCodes.Status429TooManyRequests, ApiError.TooManyRequests, "too many wrong API keys from this address")
                .With("Retry-After", ((int)FailureLimit.Recovery.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (IsKey(context.Request.Headers.Authorization.ToString(), out var wasGiven))
            return null;
        if (wasGiven)
            _failures.Failed(source);
        telemetry.Refused(wasGiven ? "wrong" : "missing");
        var why = wasGiven ? "the API key is wrong" : "an API key is needed (HTTP Basic)";
        return ApiAnswer.Error(StatusCodes.Status401Unauthorized, ApiError.Unauthorized, why)
            .With("WWW-Authenticate", "Basic realm=\"lwm2m\", charset=\"UTF-8\"");
    }

    ApiAnswer Forbid(string why, string message)
    {
        telemetry.Refused(why);
        return ApiAnswer.Error(StatusCodes.Status403Forbidden, ApiError.Forbidden, message);
    }

    bool IsKey(string authorization, out bool wasGiven)
    {
        const string Scheme = "Basic ";
        wasGiven = authorization.Length > 0;
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        var text = authorization.AsSpan(Scheme.Length).Trim();
        var given = new byte[text.Length];
        if (!Convert.TryFromBase64Chars(text, given, out var length))
            return false;
        // Every key is compared, over digests of one length: the time tells nothing of any.
        var digest = SHA256.HashData(given.AsSpan(0, length));
        var known = false;
        foreach (var key in _digests)
            known |= CryptographicOperations.FixedTimeEquals(digest, key);
        return known;
    }

    static bool IsOfAnotherOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    // A name of the attacker's that resolves to 127.0.0.1 is how a page elsewhere reaches what listens here.
    static bool IsLocalName(HostString host) =>
        !host.HasValue || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host, out var address) && IPAddress.IsLoopback(address));
}
