namespace Protocol.Lwm2m;

/// <summary>Versions of the LwM2M enabler, in ascending order.</summary>
public enum Lwm2mVersion : byte
{
    /// <summary>1.0</summary>
    V10,

    /// <summary>1.1</summary>
    V11,

    /// <summary>1.2</summary>
    V12,
}
