using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;

namespace Tools.Simulation;

/// <summary>Content formats that a device takes and gives, by its version of LwM2M (LwM2M Core 1.2 section 7.4).</summary>
static class DeviceFormats
{
    static readonly ushort[] Of10 = [ContentFormats.Text, ContentFormats.Opaque, ContentFormats.Tlv, ContentFormats.Json];

    static readonly ushort[] Of11 =
        [ContentFormats.Text, ContentFormats.Opaque, ContentFormats.Cbor, ContentFormats.SenmlJson, ContentFormats.SenmlCbor, ContentFormats.Tlv, ContentFormats.Json];

    static readonly ushort[] Of12 = [.. Of11, ContentFormats.SenmlEtchJson, ContentFormats.SenmlEtchCbor, ContentFormats.Lwm2mCbor];

    public static IReadOnlyList<ushort> Of(Lwm2mVersion version) => version switch { Lwm2mVersion.V10 => Of10, Lwm2mVersion.V11 => Of11, _ => Of12 };

    /// <summary>Whether values of several objects can stand in it.</summary>
    public static bool IsComposite(ushort format) => format is ContentFormats.SenmlJson or ContentFormats.SenmlCbor
        or ContentFormats.SenmlEtchJson or ContentFormats.SenmlEtchCbor or ContentFormats.Lwm2mCbor;

    /// <summary>The one that answers what is asked in that one.</summary>
    public static ushort AnswerTo(ushort format) => format switch
    {
        ContentFormats.SenmlEtchJson => ContentFormats.SenmlJson,
        ContentFormats.SenmlEtchCbor => ContentFormats.SenmlCbor,
        _ => format,
    };
}
