using System.Globalization;

namespace Protocol.Lwm2m.Formats;

/// <summary>
/// The content formats that a device announces in the attribute "ct" of the root link of its object list (LwM2M Core 1.1 section 6.4.1). The
/// default value is a device that announces nothing.
/// </summary>
public readonly struct AnnouncedFormats
{
    public const int MaxFormats = 32;

    readonly ushort[]? formats;

    AnnouncedFormats(ushort[] formats) => this.formats = formats;

    public bool IsEmpty => formats is null or [];

    public IReadOnlyList<ushort> All => formats ?? [];

    public bool Contains(ushort contentFormat) => formats is not null && Array.IndexOf(formats, contentFormat) >= 0;

    /// <summary>As a registration keeps what <see cref="Parse"/> has read.</summary>
    public static AnnouncedFormats Of(IReadOnlyList<ushort> formats) => new([.. formats.Take(MaxFormats)]);

    /// <summary>Reads "110" or "60 110 11542". What is no number is passed over, drafts' numbers become today's.</summary>
    public static AnnouncedFormats Parse(string? ct)
    {
        if (string.IsNullOrEmpty(ct))
            return default;
        var found = new List<ushort>();
        foreach (var part in ct.AsSpan().SplitAny(' ', ','))
        {
            if (!ushort.TryParse(ct.AsSpan()[part], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                continue;
            number = number switch
            {
                ContentFormats.LegacyText => ContentFormats.Text,
                ContentFormats.LegacyTlv => ContentFormats.Tlv,
                ContentFormats.LegacyJson => ContentFormats.Json,
                ContentFormats.LegacyOpaque => ContentFormats.Opaque,
                _ => number,
            };
            if (!found.Contains(number))
                found.Add(number);
            if (found.Count == MaxFormats)
                break;
        }
        return new AnnouncedFormats([.. found]);
    }
}
