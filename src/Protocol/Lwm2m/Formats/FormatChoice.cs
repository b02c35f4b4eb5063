using System.Diagnostics.CodeAnalysis;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>
/// Which content format a request uses and accepts: what the command names, else the best that the device announces, else what its version
/// of LwM2M suggests. LwM2M 1.0 knows TLV and leaves the format of answers to the device; so do we where nothing is announced, since an
/// Accept that the device does not know costs the answer (4.06).
/// </summary>
public static class FormatChoice
{
    // SenML before LwM2M CBOR, because it can tell times, and JSON where nothing compact is known.
    static readonly ushort[] Carriers =
        [ContentFormats.SenmlCbor, ContentFormats.Lwm2mCbor, ContentFormats.SenmlJson, ContentFormats.Tlv, ContentFormats.Json];

    static readonly ushort[] CompositeCarriers = [ContentFormats.SenmlCbor, ContentFormats.SenmlJson, ContentFormats.Lwm2mCbor];
    static readonly ushort[] PatchCarriers = [ContentFormats.SenmlEtchCbor, ContentFormats.SenmlEtchJson, ContentFormats.Lwm2mCbor];

    static readonly ushort[] PathCarriers =
        [ContentFormats.SenmlCbor, ContentFormats.SenmlJson, ContentFormats.SenmlEtchCbor, ContentFormats.SenmlEtchJson];

    /// <param name="named">The format that the command names; null where it names none.</param>
    /// <param name="path">The path of the request; the root for composite operations.</param>
    /// <param name="values">What the request is to carry, with paths below <paramref name="path"/>; empty where it carries no values.</param>
    /// <returns>False where the format that is named cannot do it.</returns>
    public static bool TryChoose(
        FormatUse use,
        Lwm2mVersion version,
        AnnouncedFormats announced,
        ushort? named,
        Lwm2mPath path,
        IReadOnlyList<ResourceValue> values,
        out RequestFormat chosen,
        [NotNullWhen(false)] out string? reason)
    {
        reason = null;
        chosen = use switch
        {
            FormatUse.Read => new RequestFormat(null, named ?? Accepted(version, announced, path, Carriers)),
            FormatUse.Write or FormatUse.Create => new RequestFormat(named ?? Written(version, announced, path, values), null),
            FormatUse.ReadComposite => ReadComposite(version, announced, named),
            _ => new RequestFormat(WrittenComposite(announced, named, values), null),
        };
        if (named is { } unfit && use is FormatUse.ReadComposite or FormatUse.WriteComposite && !IsComposite(unfit))
            reason = $"format {ContentFormatName.Of(unfit) ?? unfit.ToString(System.Globalization.CultureInfo.InvariantCulture)} "
                + "cannot carry a composite operation; senml_json, senml_cbor and lwm2m_cbor can";
        return reason is null;
    }

    static ushort? Accepted(Lwm2mVersion version, AnnouncedFormats announced, Lwm2mPath path, ushort[] carriers) =>
        version == Lwm2mVersion.V10 ? null : Best(announced, carriers) ?? (path.Depth > 2 ? Best(announced, [ContentFormats.Cbor]) : null);

    static ushort Written(Lwm2mVersion version, AnnouncedFormats announced, Lwm2mPath path, IReadOnlyList<ResourceValue> values)
    {
        // Without the number of the instance only TLV can say it.
        if (version == Lwm2mVersion.V10 || path.Depth == 1 && values.Any(value => value.Path.Depth == 1))
            return ContentFormats.Tlv;
        if (Best(announced, Carriers) is { } carrier)
            return carrier;
        if (path.Depth > 2 && values.Count == 1 && values[0].Path.IsRoot && Best(announced, Single(values[0].Value.Type)) is { } single)
            return single;
        return version == Lwm2mVersion.V11 ? ContentFormats.Tlv : ContentFormats.SenmlCbor;
    }

    static ushort[] Single(ResourceType type) => type == ResourceType.Opaque
        ? [ContentFormats.Opaque, ContentFormats.Cbor, ContentFormats.Text]
        : [ContentFormats.Cbor, ContentFormats.Text];

    // A list of paths is SenML, whatever the answer is to be.
    static RequestFormat ReadComposite(Lwm2mVersion version, AnnouncedFormats announced, ushort? named)
    {
        var paths = named is { } format && format != ContentFormats.Lwm2mCbor ? format : Best(announced, PathCarriers) ?? ContentFormats.SenmlCbor;
        var accept = named switch
        {
            ContentFormats.SenmlEtchJson => ContentFormats.SenmlJson,
            ContentFormats.SenmlEtchCbor => ContentFormats.SenmlCbor,
            null => Accepted(version, announced, default, CompositeCarriers),
            _ => named,
        };
        return new RequestFormat(paths, accept);
    }

    static ushort WrittenComposite(AnnouncedFormats announced, ushort? named, IReadOnlyList<ResourceValue> values)
    {
        var removes = values.Any(value => value.Value.Type == ResourceType.None);
        return named switch
        {
            ContentFormats.SenmlJson when removes => ContentFormats.SenmlEtchJson,
            ContentFormats.SenmlCbor when removes => ContentFormats.SenmlEtchCbor,
            { } format => format,
            null when removes => Best(announced, PatchCarriers)
                ?? (announced.Contains(ContentFormats.SenmlJson) && !announced.Contains(ContentFormats.SenmlCbor)
                    ? ContentFormats.SenmlEtchJson
                    : ContentFormats.SenmlEtchCbor),
            null => Best(announced, CompositeCarriers) ?? ContentFormats.SenmlCbor,
        };
    }

    static bool IsComposite(ushort contentFormat) => contentFormat is ContentFormats.SenmlJson or ContentFormats.SenmlCbor
        or ContentFormats.SenmlEtchJson or ContentFormats.SenmlEtchCbor or ContentFormats.Lwm2mCbor;

    static ushort? Best(AnnouncedFormats announced, ushort[] order)
    {
        foreach (var format in order)
        {
            if (announced.Contains(format))
                return format;
        }
        return null;
    }
}
