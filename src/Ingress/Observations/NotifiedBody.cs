namespace Ingress.Observations;

/// <summary>The body of one observed path, from the first block of a notification until its event is durable.</summary>
sealed class NotifiedBody
{
    /// <summary>The path is being noted in the session record; the first block is processed afterwards.</summary>
    public bool IsExpected { get; set; }

    /// <summary>Reads the rest. Null: nothing is to be read.</summary>
    public BodyFetch? Fetch { get; set; }

    /// <summary>Events that Kafka has not acknowledged yet.</summary>
    public int Untold { get; set; }

    /// <summary>Its note may leave the session record.</summary>
    public bool IsDone => !IsExpected && Fetch is null && Untold == 0;
}
