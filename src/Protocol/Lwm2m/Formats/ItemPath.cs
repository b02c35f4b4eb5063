using System.Diagnostics.CodeAnalysis;

namespace Protocol.Lwm2m.Formats;

/// <summary>From the name that a payload gives a value to its path. On failure the path is that of the request.</summary>
static class ItemPath
{
    /// <param name="name">
    /// UTF-8: "/3/0/9", also behind the alternate path of the device. Without a slash in front it is a whole path where one fits the request,
    /// else it continues the request's path; empty, it is that path.
    /// </param>
    /// <param name="within">Whether a path that was not asked for is refused.</param>
    internal static bool TryResolve(
        ReadOnlySpan<byte> name, in DecodeContext context, bool within, out Lwm2mPath path, [NotNullWhen(false)] out string? reason)
    {
        path = context.RequestPath;
        reason = "the name is not a path";
        if (name.IsEmpty)
        {
            reason = path.IsRoot ? "there is no name" : null;
            return reason is null;
        }
        return Lwm2mPath.TryParse(WithoutPrefix(name, context.AlternatePath), out var named)
            && TryResolve(named, name[0] == '/', context, within, out path, out reason);
    }

    /// <inheritdoc cref="TryResolve(ReadOnlySpan{byte}, in DecodeContext, bool, out Lwm2mPath, out string?)"/>
    internal static bool TryResolve(
        Lwm2mPath named, bool isAbsolute, in DecodeContext context, bool within, out Lwm2mPath path, [NotNullWhen(false)] out string? reason)
    {
        if (within)
            return TryResolve(named, isAbsolute, context, out path, out reason);
        path = named;
        reason = null;
        return true;
    }

    /// <summary>Absolute where that is what was asked for (or the sender leaves no doubt), else below the path of the request.</summary>
    internal static bool TryResolve(
        Lwm2mPath named, bool isAbsolute, in DecodeContext context, out Lwm2mPath path, [NotNullWhen(false)] out string? reason)
    {
        reason = null;
        path = named;
        // What names no resource is no value: it can only be the rest of a path.
        if ((isAbsolute || named.Depth > 2 || context.RequestPath.IsRoot) && context.Covers(named))
            return true;
        if (!isAbsolute && context.RequestPath.TryAppend(named, out path))
            return true;
        path = context.RequestPath;
        reason = $"the path {named} lies outside of what was asked for";
        return false;
    }

    static ReadOnlySpan<byte> WithoutPrefix(ReadOnlySpan<byte> name, string? prefix)
    {
        if (prefix is not { Length: > 1 } || name.Length <= prefix.Length || name[prefix.Length] != '/')
            return name;
        for (var i = 0; i < prefix.Length; i++)
        {
            if (name[i] != prefix[i])
                return name;
        }
        return name[prefix.Length..];
    }
}
