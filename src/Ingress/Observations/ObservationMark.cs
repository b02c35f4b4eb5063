namespace Ingress.Observations;

/// <summary>What became of an observation, and is to be written into the session record.</summary>
enum ObservationMark
{
    /// <summary>It is over, and nobody wants it any more.</summary>
    Over,

    /// <summary>The device carries it out.</summary>
    Observed,

    /// <summary>The device has ended it, but may take it up again: it is asked when it registers or updates.</summary>
    Lapsed,
}
