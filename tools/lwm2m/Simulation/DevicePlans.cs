using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>Plans of the fleets that switches describe.</summary>
static class DevicePlans
{
    const int ProfilesInTurn = 3;

    public static IEnumerable<DevicePlan> Of(FleetSettings settings)
    {
        for (var number = 1; number <= settings.Count; number++)
        {
            var profile = settings.Profile ?? (DeviceProfile)((number - 1) % ProfilesInTurn);
            var endpoint = $"{settings.EndpointPrefix}{profile.ToString().ToLowerInvariant()}-{number}";
            yield return new DevicePlan(
                new DeviceSettings
                {
                    Endpoint = endpoint,
                    Profile = profile,
                    Lifetime = settings.Lifetime,
                    Lwm2mVersion = settings.Lwm2mVersion,
                    Interval = settings.Interval,
                    ConfirmableNotifications = settings.ConfirmableNotifications,
                    SeparateResponses = settings.SeparateResponses,
                },
                SeededRandom.Mix((ulong)settings.Seed, (ulong)number),
                (long)((number - 1) / settings.RegistrationsPerSecond * 1000))
            {
                Dtls = settings.MasterKey is { } master ? DtlsKeys.OfMaster(master, endpoint) : null,
            };
        }
    }
}
