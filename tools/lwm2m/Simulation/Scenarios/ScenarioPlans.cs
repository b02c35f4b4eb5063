using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation.Scenarios;

/// <summary>From a scenario, which has passed its checks, to the devices.</summary>
static class ScenarioPlans
{
    /// <summary>All devices, in the order in which they come up. Those of several groups come up side by side.</summary>
    public static DevicePlan[] Of(Scenario scenario)
    {
        // A name keeps its devices, whatever other groups come and go.
        var planned = new List<(double At, DevicePlan Plan)>();
        var all = scenario.Groups.Values.Sum(group => group.Count);
        foreach (var (name, group) in scenario.Groups)
        {
            var seed = SeededRandom.Mix((ulong)scenario.Seed, Hash(name));
            var shared = SettingsOf(group);
            var faults = group.Faults.Select(FaultOf).ToArray();
            for (var number = 1; number <= group.Count; number++)
            {
                var own = SeededRandom.Mix(seed, (ulong)number);
                var startAt = group.Start.TotalMilliseconds + StartOf(number, group.Count, all, scenario.RegisterRate);
                planned.Add((startAt, new DevicePlan(
                    shared with
                    {
                        Endpoint = EndpointPattern.Render(group.Endpoint, name, number),
                        Faults = [.. faults.Where((_, i) => SeededRandom.Share(own, 100 + (ulong)i) < group.Faults[i].Share)],
                    },
                    own,
                    (long)startAt)
                {
                    Dtls = group.Dtls is { } dtls ? DtlsKeys.Of(dtls, group, name, number) : null,
                    Network = group.Network,
                    Restarts = RestartsOf(scenario, name, own),
                }));
            }
        }
        return [.. planned.OrderBy(each => each.At).Select(each => each.Plan)];
    }

    /// <summary>The value of a resource as its definition types it.</summary>
    public static Lwm2mValue ValueAt(Lwm2mPath path, string text) =>
        ValueParser.TryParse(TypeAt(path), text, out var value, out _) ? value : Lwm2mValue.None;

    /// <summary>None for a resource that no definition knows.</summary>
    public static ResourceType TypeAt(Lwm2mPath path) =>
        ShippedDefinitions.Catalog.FindResource(path.ObjectId, path.ResourceId)?.Type ?? ResourceType.None;

    // Each group takes its share of the rate, so that all end at the same time.
    static double StartOf(int number, int count, int all, double rate) => (number - 1.0) / count * all / rate * 1000;

    static DeviceSettings SettingsOf(DeviceGroup group) => new()
    {
        Endpoint = "",
        Profile = group.Profile,
        Lifetime = group.Lifetime,
        Lwm2mVersion = group.Version,
        Binding = group.QueueMode is not null && group.Version == "1.0" ? "UQ" : "U",
        Interval = group.Interval,
        Blueprint = new DeviceBlueprint(
            [.. group.Values.Select(each => KeyValuePair.Create(Path(each.Key), ValueAt(Path(each.Key), each.Value)))],
            [.. group.Signals.Select(each => new SignalPlan(Path(each.Key), TypeAt(Path(each.Key)), each.Value))]),
        Format = NumberOf(group.Format),
        Sends = group.Send is { } send
            ? new SendPlan([.. send.Paths.Select(Path)], Math.Max(1, (long)send.Every.TotalMilliseconds), send.Samples, NumberOf(send.Format))
            : null,
        Notify = group.Notify,
        ConfirmableNotifications = group.Notify.Confirmable,
        QueueMode = group.QueueMode,
        SeparateResponses = group.SeparateResponses,
        RebootTime = group.RebootTime,
    };

    static ushort NumberOf(ReportFormat format) => format switch
    {
        ReportFormat.Text => ContentFormats.Text,
        ReportFormat.Json => ContentFormats.Json,
        ReportFormat.SenmlJson => ContentFormats.SenmlJson,
        ReportFormat.SenmlCbor => ContentFormats.SenmlCbor,
        ReportFormat.Lwm2mCbor => ContentFormats.Lwm2mCbor,
        _ => ContentFormats.Tlv,
    };

    static DeviceFault FaultOf(FaultOptions fault)
    {
        var type = ResourceTypeName.TryParse(fault.Type, out var named) ? named : ResourceType.None;
        var path = Path(fault.Path);
        var from = (long)fault.After.TotalMilliseconds;
        return new DeviceFault(path, fault.Kind, from, fault.For is { } time ? from + (long)time.TotalMilliseconds : long.MaxValue)
        {
            Value = fault.Kind == FaultKind.Value ? ValueAt(path, fault.Value) : Lwm2mValue.None,
            Factor = fault.Factor,
            Offset = fault.Offset,
            Type = type,
        };
    }

    static long[] RestartsOf(Scenario scenario, string group, ulong seed)
    {
        if (scenario.Storms.Count == 0)
            return [];
        var restarts = new List<long>();
        for (var i = 0; i < scenario.Storms.Count; i++)
        {
            var storm = scenario.Storms[i];
            if ((storm.Groups.Count == 0 || storm.Groups.Contains(group)) && SeededRandom.Share(seed, 1000 + 2 * (ulong)i) < storm.Share)
                restarts.Add((long)(storm.At + storm.Within * SeededRandom.Share(seed, 1001 + 2 * (ulong)i)).TotalMilliseconds);
        }
        restarts.Sort();
        return [.. restarts];
    }

    static Lwm2mPath Path(string text) => Lwm2mPath.TryParse(text, out var path) ? path : default;

    // string.GetHashCode differs from process to process.
    static ulong Hash(string text) => text.Aggregate(14695981039346656037, (hash, letter) => (hash ^ letter) * 1099511628211);
}
