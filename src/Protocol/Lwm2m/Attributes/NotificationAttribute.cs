namespace Protocol.Lwm2m.Attributes;

/// <summary>Notification attributes (LwM2M Core 1.2 section 7.3.2), in the order in which they are written.</summary>
public enum NotificationAttribute : byte
{
    /// <summary>1: notifications are confirmable; 0: they are not.</summary>
    Con,

    /// <summary>1: a boolean is told when it becomes true; 0: when it becomes false.</summary>
    Edge,

    /// <summary>Longest time between two evaluations, in seconds.</summary>
    Epmax,

    /// <summary>Shortest time between two evaluations, in seconds.</summary>
    Epmin,

    /// <summary>Told when the value goes above or comes back below.</summary>
    Gt,

    /// <summary>How many values are kept while nobody can be told.</summary>
    Hqmax,

    /// <summary>Told when the value goes below or comes back above.</summary>
    Lt,

    /// <summary>Longest time between two notifications, in seconds.</summary>
    Pmax,

    /// <summary>Shortest time between two notifications, in seconds.</summary>
    Pmin,

    /// <summary>Told when the value has changed by as much.</summary>
    St,
}
