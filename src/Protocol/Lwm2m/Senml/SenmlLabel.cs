namespace Protocol.Lwm2m.Senml;

/// <summary>Fields of a SenML record (RFC 8428 section 4, table 4 of section 6; vlo is OMA's). The numbers are those of CBOR.</summary>
enum SenmlLabel : sbyte
{
    BaseSum = -6,
    BaseValue = -5,
    BaseUnit = -4,
    BaseTime = -3,
    BaseName = -2,
    BaseVersion = -1,
    Name = 0,
    Unit = 1,
    Value = 2,
    StringValue = 3,
    BooleanValue = 4,
    Sum = 5,
    Time = 6,
    UpdateTime = 7,
    DataValue = 8,

    /// <summary>Has a name only, also in CBOR.</summary>
    ObjectLinkValue = 9,

    /// <summary>None of these: it may be passed over.</summary>
    Unknown = 10,

    /// <summary>None of these, and its name ends in "_": it must not be passed over (RFC 8428 section 4.4).</summary>
    MustUnderstand = 11,
}
