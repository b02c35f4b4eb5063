namespace Protocol.Lwm2m.Formats;

/// <summary>Names of content formats in commands ("format").</summary>
public static class ContentFormatName
{
    /// <summary>All names, for a message that lists them.</summary>
    public const string All = "text, opaque, cbor, senml_json, senml_cbor, tlv, json and lwm2m_cbor";

    /// <summary>The number of a name; null where it is not known.</summary>
    public static ushort? Parse(string? name) => name switch
    {
        "text" => ContentFormats.Text,
        "opaque" => ContentFormats.Opaque,
        "cbor" => ContentFormats.Cbor,
        "senml_json" => ContentFormats.SenmlJson,
        "senml_cbor" => ContentFormats.SenmlCbor,
        "tlv" => ContentFormats.Tlv,
        "json" => ContentFormats.Json,
        "lwm2m_cbor" => ContentFormats.Lwm2mCbor,
        _ => null,
    };

    /// <summary>The name of a number, drafts' and ETCH numbers as what they are a form of; null where there is none.</summary>
    public static string? Of(ushort contentFormat) => contentFormat switch
    {
        ContentFormats.Text or ContentFormats.LegacyText => "text",
        ContentFormats.Opaque or ContentFormats.LegacyOpaque => "opaque",
        ContentFormats.Cbor => "cbor",
        ContentFormats.SenmlJson or ContentFormats.SenmlEtchJson => "senml_json",
        ContentFormats.SenmlCbor or ContentFormats.SenmlEtchCbor => "senml_cbor",
        ContentFormats.Tlv or ContentFormats.LegacyTlv => "tlv",
        ContentFormats.Json or ContentFormats.LegacyJson => "json",
        ContentFormats.Lwm2mCbor => "lwm2m_cbor",
        _ => null,
    };
}
