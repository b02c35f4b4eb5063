using System.Text;
using System.Text.Json;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation.Scenarios;

/// <summary>What the attributes of a scenario's records cannot say. Each problem names the key, its value and what is allowed.</summary>
static class ScenarioChecks
{
    /// <summary>Devices of a scenario, all groups together.</summary>
    public const int MaxDevices = 2_000_000;

    /// <summary>An endpoint name must fit into one CoAP option (RFC 7252 section 5.10: Uri-Query has at most 255 bytes, three of them "ep=").</summary>
    const int MaxEndpointLength = 252;

    public static IEnumerable<string> Problems(Scenario scenario)
    {
        // Null where the key is missing, which has a problem of its own.
        var groups = scenario.Groups ?? new Dictionary<string, DeviceGroup>();
        if (scenario.Groups is { Count: 0 })
            yield return "groups: at least one group is needed: groups { meters { count = 10 } }";
        var all = groups.Values.Sum(group => (long)group.Count);
        if (all > MaxDevices)
            yield return $"groups: {all} devices in all: at most {MaxDevices}";

        foreach (var problem in groups.SelectMany(group => GroupProblems(group.Key, group.Value)).Concat(all > MaxDevices ? [] : NameProblems(groups)))
            yield return problem;
        for (var i = 0; i < scenario.Storms.Count; i++)
        {
            foreach (var name in scenario.Storms[i].Groups.Where(name => !groups.ContainsKey(name)))
                yield return $"storms.{i}.groups = \"{name}\": must be one of {string.Join(", ", groups.Keys)}";
        }
    }

    static IEnumerable<string> GroupProblems(string name, DeviceGroup group)
    {
        var key = $"groups.{name}";
        if (!EndpointPattern.IsValid(group.Endpoint))
            yield return $"{key}.endpoint = \"{group.Endpoint}\": may hold {EndpointPattern.Allowed}";
        else if (group.Count > 1 && !EndpointPattern.HasNumber(group.Endpoint))
            yield return $"{key}.endpoint = \"{group.Endpoint}\": must hold {{n}}, as the group has {group.Count} devices";
        else if (Encoding.UTF8.GetByteCount(EndpointPattern.Render(group.Endpoint, name, group.Count)) is var length and (0 or > MaxEndpointLength))
            yield return $"{key}.endpoint = \"{group.Endpoint}\": gives {length} bytes: 1 to {MaxEndpointLength} are allowed";
        if (group.Notify.BurstEvery is { } pause && group.Notify.BurstGap * group.Notify.BurstSize >= pause)
            yield return $"{key}.notify.burst_every = \"{pause}\": must be longer than burst_size times burst_gap, which is {group.Notify.BurstGap * group.Notify.BurstSize}";
        if (group.Notify.Jitter > TimeSpan.Zero && group.Notify.Every is not { } every)
            yield return $"{key}.notify.jitter = \"{group.Notify.Jitter}\": needs `every`";

        foreach (var problem in group.Dtls is { } dtls ? DtlsProblems($"{key}.dtls", name, dtls, group) : [])
            yield return problem;
        foreach (var problem in FormatProblems($"{key}.format", group.Format, group).Concat(group.Send is { } send ? SendProblems($"{key}.send", send, group) : []))
            yield return problem;

        foreach (var (path, text) in group.Values)
        {
            if (!TryType($"{key}.values", path, out var type, out var problem))
                yield return problem;
            else if (!ValueParser.TryParse(type, text, out _, out var reason))
                yield return $"{key}.values.{path} = \"{text}\": {reason}";
        }
        foreach (var (path, signal) in group.Signals)
        {
            foreach (var problem in SignalProblems($"{key}.signals", path, signal))
                yield return problem;
        }
        for (var i = 0; i < group.Faults.Count; i++)
        {
            foreach (var problem in FaultProblems($"{key}.faults.{i}", group, group.Faults[i]))
                yield return problem;
        }
    }

    // No problem names a key.
    static IEnumerable<string> DtlsProblems(string key, string name, DtlsOptions dtls, DeviceGroup group)
    {
        if (dtls.Psk is null == dtls.MasterKey is null)
            yield return $"{key}: one of psk and master_key is needed";
        if (dtls.Psk is { } psk && !DtlsKeys.IsKey(psk))
            yield return $"{key}.psk: must be 1 to {DtlsKeys.MostKeyBytes} bytes in hex";
        if (dtls.MasterKey is { } master && !DtlsKeys.IsKey(master))
            yield return $"{key}.master_key: must be 1 to {DtlsKeys.MostKeyBytes} bytes in hex";
        if (dtls.Identity is not { } identity)
            yield break;
        if (!EndpointPattern.IsValid(identity))
            yield return $"{key}.identity = \"{identity}\": may hold {EndpointPattern.Allowed}";
        else if (Encoding.UTF8.GetByteCount(EndpointPattern.Render(identity, name, group.Count)) is var length and (0 or > DtlsKeys.MostIdentityBytes))
            yield return $"{key}.identity = \"{identity}\": gives {length} bytes: 1 to {DtlsKeys.MostIdentityBytes} are allowed";
    }

    static IEnumerable<string> FormatProblems(string key, ReportFormat format, DeviceGroup group)
    {
        var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(format.ToString());
        if (format is ReportFormat.SenmlJson or ReportFormat.SenmlCbor && group.Version == "1.0")
            yield return $"{key} = \"{name}\": needs version 1.1";
        else if (format == ReportFormat.Lwm2mCbor && group.Version != "1.2")
            yield return $"{key} = \"{name}\": needs version 1.2";
    }

    static IEnumerable<string> SendProblems(string key, SendOptions send, DeviceGroup group)
    {
        if (group.Version == "1.0")
            yield return $"{key}: Send needs version 1.1";
        else if (send.Format is not (ReportFormat.SenmlJson or ReportFormat.SenmlCbor or ReportFormat.Lwm2mCbor))
            yield return $"{key}.format = \"{send.Format.ToString().ToLowerInvariant()}\": must be one of senml_json, senml_cbor, lwm2m_cbor";
        else if (send is { Format: ReportFormat.Lwm2mCbor, Samples: > 1 })
            yield return $"{key}.samples = \"{send.Samples}\": must be 1 in lwm2m_cbor, which carries no times";
        else
        {
            foreach (var problem in FormatProblems($"{key}.format", send.Format, group))
                yield return problem;
        }
        if (send.Paths.Count == 0)
            yield return $"{key}.paths: at least one is needed: paths = [\"/3303/0/5700\"]";
        foreach (var path in send.Paths)
        {
            if (!Lwm2mPath.TryParse(path, out var parsed) || parsed.IsRoot)
                yield return $"{key}.paths = \"{path}\": must be a path such as /3303/0/5700, /3303/0 or /3303";
        }
    }

    static IEnumerable<string> SignalProblems(string key, string path, SignalOptions signal)
    {
        if (!TryType(key, path, out var type, out var problem))
        {
            yield return problem;
            yield break;
        }
        if (signal.Min > signal.Max)
            yield return $"{key}.{path}.min = \"{signal.Min}\": must not be above max, which is {signal.Max}";
        if (signal.Kind != SignalKind.Choice)
        {
            if (!IsNumber(type))
                yield return $"{key}.{path}.kind = \"{signal.Kind.ToString().ToLowerInvariant()}\": must be choice for a resource of type {ResourceTypeName.Of(type)}";
            yield break;
        }
        if (signal.Choices.Count == 0 && type != ResourceType.Boolean)
            yield return $"{key}.{path}.choices: two values or more are needed for a resource of type {ResourceTypeName.Of(type)}";
        else if (signal.Choices.Count == 1)
            yield return $"{key}.{path}.choices = \"{signal.Choices[0]}\": two values or more are needed";
        foreach (var choice in signal.Choices)
        {
            if (!ValueParser.TryParse(type, choice, out _, out var reason))
                yield return $"{key}.{path}.choices = \"{choice}\": {reason}";
        }
    }

    static IEnumerable<string> FaultProblems(string key, DeviceGroup group, FaultOptions fault)
    {
        // Missing or malformed: said already.
        if (!Lwm2mPath.TryParse(fault.Path, out var path) || path.Depth < 3)
            yield break;
        if (!TryType($"{key}.path", fault.Path, out var type, out var problem))
            yield return problem;
        else if (group.Profile == DeviceProfile.Bare && path.ObjectId is not (1 or 3) && !group.Values.ContainsKey(fault.Path) && !group.Signals.ContainsKey(fault.Path))
            yield return $"{key}.path = \"{fault.Path}\": must be a resource of the group: one of its values or signals";
        else if (fault.Kind == FaultKind.Value && !ValueParser.TryParse(type, fault.Value, out _, out var reason))
            yield return $"{key}.value = \"{fault.Value}\": {reason}";
        else if (fault.Kind == FaultKind.Scale && !IsNumber(type))
            yield return $"{key}.kind = \"scale\": is for numbers, and {fault.Path} is of type {ResourceTypeName.Of(type)}";
        else if (fault.Kind == FaultKind.Type && fault.Type.Length == 0)
            yield return $"{key}.type: a fault of kind type needs it: String, Integer, Unsigned Integer, Float, Boolean, Opaque or Time";
    }

    static bool TryType(string key, string path, out ResourceType type, out string problem)
    {
        type = Lwm2mPath.TryParse(path, out var parsed) ? ScenarioPlans.TypeAt(parsed) : ResourceType.None;
        problem = type != ResourceType.None ? "" : $"{key}.{path}: must be a resource with a value that the definitions of the tool know";
        return problem.Length == 0;
    }

    static bool IsNumber(ResourceType type) =>
        type is ResourceType.Float or ResourceType.Integer or ResourceType.UnsignedInteger or ResourceType.Time;

    static IEnumerable<string> NameProblems(IReadOnlyDictionary<string, DeviceGroup> groups)
    {
        var names = new Dictionary<string, string>();
        foreach (var (name, group) in groups)
        {
            for (var number = 1; number <= group.Count && EndpointPattern.IsValid(group.Endpoint) && (group.Count == 1 || EndpointPattern.HasNumber(group.Endpoint)); number++)
            {
                var endpoint = EndpointPattern.Render(group.Endpoint, name, number);
                if (names.TryAdd(endpoint, name))
                    continue;
                yield return $"groups.{name}.endpoint = \"{group.Endpoint}\": gives {endpoint}, which group {names[endpoint]} has too: names must differ";
                break;
            }
        }
    }
}
