using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>What the devices of a group hold besides their profile; shared by all of them.</summary>
sealed record DeviceBlueprint(
    IReadOnlyList<KeyValuePair<Lwm2mPath, Lwm2mValue>> Values, IReadOnlyList<SignalPlan> Signals)
{
    public static readonly DeviceBlueprint Empty = new([], []);
}
