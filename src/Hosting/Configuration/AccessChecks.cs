using System.Text.RegularExpressions;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>Authentication and authorization: what a copied emqx.conf names and is not to be had here, and what cannot work.</summary>
internal static partial class AccessChecks
{
    static readonly string[] OfDevices = ["clientid", "username", "password", "peerhost", "endpoint_name", "zone", "listener", "proto_name"];
    static readonly string[] OfTopics = ["topic", "action", "qos", "retain", "mountpoint"];
    static readonly string[] OfCredentials = ["identity", "kind"];
    static readonly string[] Hashes = ["plain", "sha256", "sha512", "pbkdf2"];

    public static void Apply(ConfigurationReport report)
    {
        var lwm2m = report.Configuration.Lwm2m;
        Authentication("gateway.lwm2m.authentication", lwm2m.Authentication, report);
        foreach (var (name, listener) in lwm2m.Listeners.Udp)
            Authentication($"gateway.lwm2m.listeners.udp.{name}.authentication", listener.Authentication, report);
        foreach (var (name, listener) in lwm2m.Listeners.Dtls)
            Authentication($"gateway.lwm2m.listeners.dtls.{name}.authentication", listener.Authentication, report);
        Authorization(report.Configuration.Authorization, report);
        if (report.Configuration.Credentials.Http is { Enable: true } lookup)
            Http("credentials.http", lookup, OfCredentials, report);
        if (lwm2m.ClientInfoOverride is not { } replaced)
            return;
        foreach (var (key, template) in new[] { ("username", replaced.Username), ("password", replaced.Password), ("clientid", replaced.Clientid) })
            Placeholders($"gateway.lwm2m.clientinfo_override.{key}", template, OfDevices, "has no value, so that what the device says stays", report);
    }

    static void Authentication(string key, AuthenticationOptions? options, ConfigurationReport report)
    {
        if (options is not { Enable: true })
            return;
        switch (options.Mechanism, options.Backend)
        {
            case ("password_based", "http"):
                Http(key, options, OfDevices, report);
                break;
            case ("password_based", "built_in_database"):
                if (options.File is null)
                    report.Warnings.Add($"{key}: there is no API for users here; name a file of them with {key}.file. Without it every Register is refused");
                else if (!Hashes.Contains(options.PasswordHashAlgorithm.Name))
                    report.Warnings.Add($"{key}.password_hash_algorithm.name = \"{options.PasswordHashAlgorithm.Name}\" is not to be had here, so that no password fits; "
                        + $"known are {string.Join(", ", Hashes)}");
                break;
            default:
                report.Warnings.Add($"{key}: mechanism \"{options.Mechanism}\" with backend \"{options.Backend}\" is not to be had here; every Register is refused. "
                    + "Known is password_based with http or built_in_database");
                break;
        }

        Placeholders($"{key}.bind_endpoint", options.BindEndpoint, OfDevices, "is taken as nothing", report);
    }

    static void Authorization(AuthorizationOptions options, ConfigurationReport report)
    {
        var asked = 0;
        for (var i = 0; i < options.Sources.Count; i++)
        {
            var (key, source) = ($"authorization.sources.{i}", options.Sources[i]);
            if (!source.Enable)
                continue;
            if (source.Type != "http")
            {
                report.Warnings.Add($"{key}: sources of type \"{source.Type}\" are not taken; known is http");
                continue;
            }

            asked++;
            Http(key, source, [.. OfDevices, .. OfTopics], report);
        }

        if (asked == 0 && options.NoMatch == "deny")
            report.Warnings.Add("authorization.no_match = deny, and no source that could allow anything: no event reaches MQTT and no command a device");
    }

    static void Http(string key, HttpBackendOptions options, string[] known, ConfigurationReport report)
    {
        if (options.Url is not { } url)
        {
            report.Problems.Add(new ConfigurationProblem($"{key}.url", null, "is required: the URL that is asked", null));
            return;
        }

        var plain = Placeholder().Replace(url, "x");
        if (!Uri.TryCreate(plain, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https") || Authority().IsMatch(url))
            report.Problems.Add(new ConfigurationProblem($"{key}.url", url, "must be http://host[:port]/... or https://..., with placeholders behind the host only", null));
        foreach (var template in options.Body.Values.Concat(options.Headers.Values).Prepend(url))
            Placeholders(key, template, known, "is sent as nothing", report);
        foreach (var (name, file) in new[] { ("cacertfile", options.Ssl.Cacertfile), ("certfile", options.Ssl.Certfile), ("keyfile", options.Ssl.Keyfile) })
        {
            if (file is not null && parsed?.Scheme == "https" && !File.Exists(file))
                report.Warnings.Add($"{key}.ssl.{name} = \"{file}\" is no file that can be found");
        }
    }

    static void Placeholders(string key, string? template, string[] known, string consequence, ConfigurationReport report)
    {
        foreach (Match match in Placeholder().Matches(template ?? ""))
        {
            var name = match.Groups[1].Value;
            if (known.Contains(name) || name.StartsWith("client_attrs.", StringComparison.Ordinal))
                continue;
            var hint = Nearest.Of(name, known) is { } near ? $"; did you mean ${{{near}}}?" : "";
            report.Warnings.Add($"{key}: ${{{name}}} {consequence}{hint}");
        }
    }

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^\w+://[^/?]*\$\{")]
    private static partial Regex Authority();
}
