using System.Diagnostics.CodeAnalysis;

namespace Protocol.Lwm2m;

/// <summary>The version that a device registers with, and what follows from it (LwM2M Core 1.2 section 6.2.1).</summary>
public readonly record struct NegotiatedVersion(Lwm2mVersion Version)
{
    /// <summary>"1.0", "1.1" or "1.2".</summary>
    public string Text => Version switch { Lwm2mVersion.V10 => "1.0", Lwm2mVersion.V11 => "1.1", _ => "1.2" };

    /// <summary>A Register without "lt" is refused; in 1.0 it means 86400 s.</summary>
    public bool NeedsLifetime => Version >= Lwm2mVersion.V11;

    /// <summary>Composite operations, Send, and operations on resource instances.</summary>
    public bool HasComposite => Version >= Lwm2mVersion.V11;

    /// <summary>Of a Register that was taken; empty is absent.</summary>
    public static NegotiatedVersion Of(string announced) => TryNegotiate(announced.Length == 0 ? null : announced, out var negotiated, out _) ? negotiated : default;

    /// <summary>Reads the parameter "lwm2m" of a Register. Where it is absent the device means 1.0; "1" is what some of those write.</summary>
    /// <param name="announced">Null where the parameter is absent.</param>
    /// <returns>False for a version that we do not speak, which is answered 4.12.</returns>
    public static bool TryNegotiate(string? announced, out NegotiatedVersion negotiated, [NotNullWhen(false)] out string? reason)
    {
        Lwm2mVersion? version = announced switch
        {
            null or "1" or "1.0" => Lwm2mVersion.V10,
            "1.1" => Lwm2mVersion.V11,
            "1.2" => Lwm2mVersion.V12,
            _ => null,
        };
        negotiated = new NegotiatedVersion(version ?? default);
        reason = version is null ? "LwM2M versions 1.0, 1.1 and 1.2 are supported" : null;
        return version is not null;
    }
}
