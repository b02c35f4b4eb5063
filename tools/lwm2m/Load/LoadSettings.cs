using System.Net;

namespace Tools.Load;

/// <summary>What one run of the load generator does. Rates are per second, of all devices together.</summary>
sealed record LoadSettings
{
    public required IPEndPoint Gateway { get; init; }

    public int Devices { get; init; } = 1000;

    public double NotificationRate { get; init; } = 1000;

    /// <summary>Closed loop: each device sends its next notification as soon as the last one is acknowledged. There is no rate then.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Null: one rate all the time.</summary>
    public RampSettings? Ramp { get; init; }

    /// <summary>Registers, and Updates at their rate; no notifications. For servers that observe nothing.</summary>
    public bool RegistrationOnly { get; init; }

    public double UpdateRate { get; init; }

    public double RegisterRate { get; init; } = 500;

    public TimeSpan Warmup { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long after the end messages may still arrive, and how long all devices may take to be observed.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Leave the registrations in place at the end.</summary>
    public bool Keep { get; init; }

    public string EndpointPrefix { get; init; } = "load-";

    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Null: what comes out on MQTT is not looked at.</summary>
    public MqttSettings? Mqtt { get; init; }

    /// <summary>Go on without MQTT where no broker answers.</summary>
    public bool MqttIsOptional { get; init; }

    /// <summary>Ask for the observation of each device by an MQTT command, for gateways that do not observe on their own.</summary>
    public bool ObserveByCommand { get; init; }

    /// <summary>Command round trips after the notifications.</summary>
    public int Commands { get; init; }

    public double CommandRate { get; init; } = 50;

    /// <summary>Processes whose CPU time is measured, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Processes { get; init; } = [];

    /// <summary>Addresses of /metrics of processes whose CPU time, memory and allocation are measured, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, Uri>> Endpoints { get; init; } = [];

    public string EndpointOf(int device) => $"{EndpointPrefix}{device:D6}";
}
