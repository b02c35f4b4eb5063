namespace Tools.Load;

/// <summary>The figures of a run. Counts of messages are of the whole run, latencies and rates of the measured window.</summary>
sealed record LoadReport
{
    public required DateTimeOffset Time { get; init; }

    public required string Machine { get; init; }

    public required int Devices { get; init; }

    public required int Registered { get; init; }

    public required int Observed { get; init; }

    public required double MeasuredSeconds { get; init; }

    /// <summary>Acknowledged per second, to be compared with what was asked for.</summary>
    public required double NotificationsPerSecond { get; init; }

    /// <summary>Null in a closed loop; of a ramp the first.</summary>
    public double? NotificationsPerSecondWanted { get; init; }

    public LoadMode Mode { get; init; }

    /// <summary>One a second.</summary>
    public IReadOnlyList<LoadSample> Samples { get; init; } = [];

    /// <summary>Steps of a ramp; null without one.</summary>
    public IReadOnlyList<RampStep>? Ramp { get; init; }

    /// <summary>The highest rate of a ramp that was sustained; null without a ramp, 0 where not even the first was.</summary>
    public double? LastSustained => Ramp is null ? null : Ramp.LastOrDefault(step => step.IsSustained)?.Wanted ?? 0;

    /// <summary>What is measured beside it in the same run; null where that was not asked for.</summary>
    public Baseline? Baseline { get; init; }

    public required double UpdatesPerSecond { get; init; }

    public required LatencyFigures RegisterLatency { get; init; }

    public required LatencyFigures NotificationLatency { get; init; }

    public required LatencyFigures UpdateLatency { get; init; }

    /// <summary>From when the notification was due to its MQTT message; null without MQTT.</summary>
    public LatencyFigures? DeliveryLatency { get; init; }

    public LatencyFigures? CommandLatency { get; init; }

    public required long Sent { get; init; }

    public required long Acknowledged { get; init; }

    public required long Delivered { get; init; }

    /// <summary>Acknowledged by the gateway and never seen on MQTT.</summary>
    public required long Lost { get; init; }

    public required long Duplicates { get; init; }

    public required long OutOfOrder { get; init; }

    public required long Unknown { get; init; }

    public required long Retransmissions { get; init; }

    public required long TimedOut { get; init; }

    public required long Resets { get; init; }

    public required long Refused { get; init; }

    public required long CommandsUnanswered { get; init; }

    public required long CommandsFailed { get; init; }

    public required bool MqttLost { get; init; }

    public required IReadOnlyList<ProcessFigures> Processes { get; init; }

    /// <summary>What makes a run fail, in words; empty for a good one.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            var faults = new List<string>();
            Add(Devices - Registered, "devices could not register");
            Add(Mode == LoadMode.Registration ? 0 : Registered - Observed, "devices are not observed");
            Add(Lost, "acknowledged notifications did not come out on MQTT");
            Add(OutOfOrder, "notifications came out of order");
            Add(Unknown, "notifications came out that were never sent");
            // Where a ramp ends, messages are lost: that is how it finds its end.
            Add(Mode == LoadMode.Ramp ? 0 : TimedOut, "messages were never acknowledged");
            Add(Resets, "notifications were answered by a Reset");
            Add(CommandsUnanswered, "commands have no outcome");
            Add(CommandsFailed, "commands failed");
            if (MqttLost)
                faults.Add("the MQTT connection was lost");
            return faults;

            void Add(long count, string what)
            {
                if (count > 0)
                    faults.Add($"{count} {what}");
            }
        }
    }
}
