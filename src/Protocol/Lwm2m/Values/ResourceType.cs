namespace Protocol.Lwm2m.Values;

/// <summary>Data types of LwM2M resources (LwM2M Core 1.1 appendix C). <see cref="None"/> is no value.</summary>
public enum ResourceType : byte
{
    None,
    String,
    Integer,
    UnsignedInteger,
    Float,
    Boolean,
    Opaque,
    Time,
    ObjectLink,
    CoreLink,
}
