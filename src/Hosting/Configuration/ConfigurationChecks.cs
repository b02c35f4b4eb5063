using System.Text.RegularExpressions;
using Contracts;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>What no single value shows: keys that depend on each other, placeholders, topics, folders.</summary>
internal static partial class ConfigurationChecks
{
    static readonly string[] Placeholders = ["clientid", "username", "endpoint_name", "peerhost", "zone"];

    public static void Apply(ConfigurationReport report, SettingNode root, ConfigurationFolders folders)
    {
        var read = report.Configuration;
        var gateway = root.Find(["gateway", "lwm2m"]);
        var lwm2m = WithLifetimes(read.Lwm2m, report);
        lwm2m = lwm2m with { XmlDir = Definitions(lwm2m.XmlDir, read.Given, folders, report) };
        if (lwm2m.CoapMaxBlockSize is { } size && !read.Given.Contains("gateway.lwm2m.blockwise.max_block_size"))
            lwm2m = lwm2m with { Blockwise = lwm2m.Blockwise with { MaxBlockSize = size } };
        // The listener that stands there by default is for those who configure none.
        if (gateway?.Find(["listeners"])?.Members is { Count: > 0 } listeners && !listeners.ContainsKey("udp"))
            lwm2m = lwm2m with { Listeners = lwm2m.Listeners with { Udp = new Dictionary<string, UdpListenerOptions>() } };
        report.Configuration = read = read with { Lwm2m = lwm2m };

        Mountpoint("gateway.lwm2m.mountpoint", lwm2m.Mountpoint, report);
        foreach (var (name, listener) in Listeners(lwm2m.Listeners))
        {
            if (listener.Mountpoint is { } mountpoint)
                Mountpoint($"{name}.mountpoint", mountpoint, report);
        }

        Topics(lwm2m.Translators, report);
        AccessChecks.Apply(report);
        Binds(lwm2m, report);
        Kafka(read, report);
        Endpoints("ingress.capture", read.Ingress.Capture, report);
        Endpoints("log.watch", read.Log.Watch, report);
        if (read.OpenTelemetry.Exporter.Endpoint is { } collector && !(Uri.TryCreate(collector, UriKind.Absolute, out var at) && at.Scheme is "http" or "https"))
            Refuse(report, "opentelemetry.exporter.endpoint", collector, "must be http://host:port or https://host:port");
        if (!Uri.TryCreate(read.Mqtt.Server, UriKind.Absolute, out var server)
            || server.Scheme is not ("mqtt" or "mqtts") || server.Host.Length == 0)
            Refuse(report, "mqtt.server", null, "must be mqtt://[user:password@]host[:port] or mqtts://...");
        MustExist("mqtt.tls_ca_file", read.Mqtt.TlsCaFile, report);
    }

    static Lwm2mOptions WithLifetimes(Lwm2mOptions options, ConfigurationReport report)
    {
        if (options.LifetimeMin <= options.LifetimeMax)
            return options;
        var largest = SettingText.Print(options.LifetimeMax);
        report.Warnings.Add($"gateway.lwm2m.lifetime_min is longer than lifetime_max; both were taken as {largest}");
        return options with { LifetimeMin = options.LifetimeMax };
    }

    static string Definitions(string folder, IReadOnlySet<string> given, ConfigurationFolders folders, ConfigurationReport report)
    {
        if (!given.Contains("gateway.lwm2m.xml_dir"))
            return folders.Resolve(folder) is { } found && Directory.Exists(found) ? found : folders.ShippedDefinitions;
        if (Directory.Exists(folder))
            return folder;
        report.Warnings.Add($"gateway.lwm2m.xml_dir = \"{folder}\" is no folder that can be found; " + (folders.InForce is { } inForce
            ? $"the definitions stay as they are: {inForce}"
            : $"the shipped definitions were taken: {folders.ShippedDefinitions}"));
        return folders.InForce ?? folders.ShippedDefinitions;
    }

    static void Mountpoint(string key, string value, ConfigurationReport report)
    {
        if (value.AsSpan().IndexOfAny('+', '#', '\0') >= 0)
            Refuse(report, key, value, "must not hold '+', '#' or NUL, which no MQTT topic may hold");
        foreach (Match match in Placeholder().Matches(value))
        {
            var name = match.Groups[1].Value;
            if (Placeholders.Contains(name) || (name.StartsWith("client_attrs.", StringComparison.Ordinal) && name.Length > 13))
                continue;
            var near = Nearest.Of(name, Placeholders.Append("client_attrs.NAME"));
            var known = string.Join(", ", Placeholders.Select(p => $"${{{p}}}"));
            report.Warnings.Add($"{key}: ${{{name}}} is no known placeholder and stays as it is; "
                + (near is null ? $"known are {known} and ${{client_attrs.NAME}}" : $"did you mean ${{{near}}}?"));
        }

        foreach (var (old, now) in new[] { ("%e", "${endpoint_name}"), ("%u", "${username}"), ("%c", "${clientid}") })
        {
            if (value.Contains(old, StringComparison.Ordinal))
                report.Warnings.Add($"{key}: {old} of EMQX 4 is no placeholder any more and stays as it is; did you mean {now}?");
        }
    }

    static void Topics(TopicMappings topics, ConfigurationReport report)
    {
        foreach (var key in SchemaSection.Of(typeof(TopicMappings)).Keys)
        {
            if (key.Property.GetValue(topics) is not TopicMapping { Topic: { Length: > 0 } topic })
                continue;
            var path = $"gateway.lwm2m.translators.{key.Name}.topic";
            if (key.Name != "command" && topic.AsSpan().IndexOfAny('+', '#') >= 0)
                Refuse(report, path, topic, "must not hold '+' or '#': events are published to it");
            else if (topic.Contains('\0'))
                Refuse(report, path, null, "must not hold NUL");
            else if (!CommandFilter().IsMatch(topic))
                Refuse(report, path, topic, "must be an MQTT filter: '+' alone between slashes, '#' alone and last");
            if (topic.Contains("${", StringComparison.Ordinal))
                report.Warnings.Add($"{path} = \"{topic}\": placeholders are for mountpoints only; here they stay as they are");
        }
    }

    static void Binds(Lwm2mOptions options, ConfigurationReport report)
    {
        var open = Listeners(options.Listeners).Where(l => l.Listener.Enable && l.Listener.Bind is { Port: > 0 }).ToList();
        for (var i = 0; i < open.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (mine, other) = (open[i].Listener.Bind, open[j].Listener.Bind);
                if (mine.Port == other.Port && (mine.Address is null || other.Address is null || mine.Address.Equals(other.Address)))
                    Refuse(report, $"{open[i].Name}.bind", mine.ToString(), $"must differ from that of {open[j].Name}");
            }
        }

        if (options.Enable && !Listeners(options.Listeners).Any(l => l.Listener.Enable))
            report.Warnings.Add("gateway.lwm2m.listeners has no enabled listener: no device can be heard");
        if (options.Enable && report.Configuration.Credentials is { File: null, Kafka: false, Http: not { Enable: true } } && options.Listeners.Dtls.Values.Any(l => l.Enable && (l.DtlsOptions.Keyfile ?? l.DtlsOptions.Certfile) is null))
            report.Warnings.Add("none of credentials.file, credentials.kafka and credentials.http is set: nobody comes in over a listener of gateway.lwm2m.listeners.dtls without certfile and keyfile");
    }

    static void Kafka(GatewayConfiguration read, ConfigurationReport report)
    {
        var kafka = read.Kafka;
        var slots = kafka.SlotsOn(embedded: kafka.BootstrapServers is null);
        if (read.Ingress.Slot is { } slot && slot >= slots)
            Refuse(report, "ingress.slot", SettingText.Print(slot), $"must be below kafka.slots, which is {SettingText.Print(slots)}");
        if (kafka.SaslMechanism is not null && kafka.SecurityProtocol?.StartsWith("sasl_", StringComparison.Ordinal) != true)
            report.Warnings.Add("kafka.sasl_mechanism has no effect without kafka.security_protocol = sasl_plaintext or sasl_ssl");
        MustExist("kafka.ssl_ca_location", kafka.SslCaLocation, report);
        MustExist("kafka.ssl_certificate_location", kafka.SslCertificateLocation, report);
        MustExist("kafka.ssl_key_location", kafka.SslKeyLocation, report);
    }

    static void Endpoints(string key, IReadOnlyList<string> endpoints, ConfigurationReport report)
    {
        if (!EndpointWish.AreSound(endpoints))
            Refuse(report, key, null, $"must be off, all, or at most {EndpointWish.MostEndpoints} endpoint names of at most {EndpointWish.LongestEndpoint} characters");
    }

    static void MustExist(string key, string? file, ConfigurationReport report)
    {
        if (file is not null && !File.Exists(file) && !Directory.Exists(file))
            Refuse(report, key, file, "is no file that can be found");
    }

    static IEnumerable<(string Name, ListenerOptions Listener)> Listeners(ListenersOptions listeners) =>
        listeners.Udp.Select(l => ($"gateway.lwm2m.listeners.udp.{l.Key}", (ListenerOptions)l.Value))
            .Concat(listeners.Dtls.Select(l => ($"gateway.lwm2m.listeners.dtls.{l.Key}", (ListenerOptions)l.Value)));

    static void Refuse(ConfigurationReport report, string key, string? value, string allowed) =>
        report.Problems.Add(new ConfigurationProblem(key, value, allowed, null));

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^(?:(?:\+|[^/+#]*)/)*(?:\+|#|[^/+#]*)$", RegexOptions.NonBacktracking)]
    private static partial Regex CommandFilter();
}
