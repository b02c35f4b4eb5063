using System.Diagnostics.CodeAnalysis;
using Contracts;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Attributes;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Translator.Downlink;

/// <summary>The device that a command is for, as far as its request depends on it.</summary>
internal readonly record struct CommandedDevice(NegotiatedVersion Version, AnnouncedFormats Formats, DefinitionView Definitions)
{
    /// <summary>One that is not registered can do everything: its commands are refused for that, and for nothing else.</summary>
    public static CommandedDevice Of(RegistrationRecord? registration, TranslationRules rules) => registration is { IsLive: true }
        ? new(NegotiatedVersion.Of(registration.Lwm2mVersion), AnnouncedFormats.Of(registration.Formats), rules.DefinitionsOf(registration))
        : new(new NegotiatedVersion(Lwm2mVersion.V12), default, rules.DefinitionsOf(registration));

    /// <summary>One sentence; null where the device's version of LwM2M has it.</summary>
    /// <param name="what">What is wanted of it, as the subject of the sentence.</param>
    public string? ReasonAgainst(string what, Lwm2mVersion since) =>
        Version.Version >= since ? null : $"{what} needs LwM2M {new NegotiatedVersion(since).Text}, the device has {Version.Text}";

    /// <summary>One sentence; null where these attributes can be set at that path.</summary>
    public string? ReasonAgainst(NotificationAttributes attributes, Lwm2mPath path) =>
        attributes.ReasonAgainst(Version.Version, path, path.Depth < 3 ? null : Definitions.FindResource(path.ObjectId, path.ResourceId)?.Type);

    /// <inheritdoc cref="FormatChoice.TryChoose"/>
    public bool TryChoose(
        FormatUse use, ushort? named, Lwm2mPath path, IReadOnlyList<ResourceValue> values, out RequestFormat chosen, [NotNullWhen(false)] out string? reason) =>
        FormatChoice.TryChoose(use, Version.Version, Formats, named, path, values, out chosen, out reason);
}
