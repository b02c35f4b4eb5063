using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;
using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>A resource whose value moves.</summary>
sealed record SignalPlan(Lwm2mPath Path, ResourceType Type, SignalOptions Options);
