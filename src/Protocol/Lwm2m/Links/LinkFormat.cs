using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Protocol.Lwm2m.Links;

/// <summary>
/// CoRE link-format (RFC 6690 section 2). Tolerated beyond the grammar: blanks between parts, empty elements (a comma or semicolon too
/// many), unquoted values with any character but separators. Bytes that are not UTF-8 become U+FFFD.
/// </summary>
public static class LinkFormat
{
    public const int MaxLinks = 4096;
    public const int MaxAttributes = 32;

    /// <summary>In characters, for a target, an attribute name and an attribute value each.</summary>
    public const int MaxPartLength = 1024;

    public static bool TryParse(ReadOnlySpan<byte> utf8, out IReadOnlyList<CoreLink> links, [NotNullWhen(false)] out string? error) =>
        TryParse(Encoding.UTF8.GetString(utf8), out links, out error);

    public static bool TryParse(string text, out IReadOnlyList<CoreLink> links, [NotNullWhen(false)] out string? error)
    {
        var found = new List<CoreLink>();
        links = found;
        var cursor = new Cursor(text);
        while (cursor.SkipTo(','))
        {
            if (found.Count == MaxLinks)
            {
                error = $"more than {MaxLinks} links";
                return false;
            }
            if (!TryLink(ref cursor, out var link, out error))
                return false;
            found.Add(link);
        }
        error = null;
        return true;
    }

    static bool TryLink(ref Cursor cursor, [NotNullWhen(true)] out CoreLink? link, [NotNullWhen(false)] out string? error)
    {
        link = null;
        var start = cursor.Position;
        if (cursor.Current != '<')
            return cursor.Fail("'<' expected", out error);
        var close = cursor.Text.IndexOf('>', start);
        if (close < 0)
            return cursor.Fail("'<' without '>'", out error);
        var target = cursor.Text[(start + 1)..close].Trim();
        if (target.Length > MaxPartLength)
            return cursor.Fail("target too long", out error);
        cursor.Position = close + 1;

        var attributes = new List<LinkAttribute>();
        var end = cursor.Position;
        while (true)
        {
            cursor.SkipBlanks();
            if (cursor.Current is '\0' or ',')
                break;
            if (cursor.Current != ';')
                return cursor.Fail("',' or ';' expected", out error);
            if (!cursor.SkipTo(';') || cursor.Current == ',')
                break;
            if (attributes.Count == MaxAttributes)
                return cursor.Fail($"more than {MaxAttributes} attributes", out error);
            if (!TryAttribute(ref cursor, out var attribute, out error))
                return false;
            attributes.Add(attribute);
            end = cursor.Position;
        }
        link = new CoreLink(target, attributes, cursor.Text[start..end]);
        error = null;
        return true;
    }

    static bool TryAttribute(ref Cursor cursor, out LinkAttribute attribute, [NotNullWhen(false)] out string? error)
    {
        attribute = default;
        var name = cursor.TakeToken();
        if (name.Length is 0 or > MaxPartLength)
            return cursor.Fail("attribute without a name, or with one too long", out error);
        var afterName = cursor.Position;
        cursor.SkipBlanks();
        string? value = null;
        if (cursor.Current == '=')
        {
            cursor.Position++;
            cursor.SkipBlanks();
            if (cursor.Current != '"')
                value = cursor.TakeToken();
            else if (!cursor.TryTakeQuoted(out value))
                return cursor.Fail("quote without its end", out error);
            if (value.Length > MaxPartLength)
                return cursor.Fail("attribute value too long", out error);
        }
        else
        {
            cursor.Position = afterName;
        }
        attribute = new LinkAttribute(name, value);
        error = null;
        return true;
    }

    ref struct Cursor(string text)
    {
        internal readonly string Text = text;
        internal int Position;

        internal readonly char Current => Position < Text.Length ? Text[Position] : '\0';

        internal void SkipBlanks()
        {
            while (Position < Text.Length && Text[Position] is ' ' or '\t' or '\r' or '\n')
                Position++;
        }

        /// <summary>Skips blanks and any number of one separator; false at the end of the text.</summary>
        internal bool SkipTo(char separator)
        {
            while (Position < Text.Length && (Text[Position] == separator || Text[Position] is ' ' or '\t' or '\r' or '\n'))
                Position++;
            return Position < Text.Length;
        }

        internal string TakeToken()
        {
            var start = Position;
            while (Position < Text.Length && Text[Position] is not (',' or ';' or '=' or '"' or '<' or '>' or ' ' or '\t' or '\r' or '\n'))
                Position++;
            return Text[start..Position];
        }

        internal bool TryTakeQuoted([NotNullWhen(true)] out string? value)
        {
            value = null;
            var start = ++Position;
            var escaped = false;
            for (; Position < Text.Length && Text[Position] != '"'; Position++)
            {
                if (Text[Position] != '\\')
                    continue;
                escaped = true;
                Position++;
            }
            if (Position >= Text.Length)
                return false;
            value = Text[start..Position++];
            if (escaped)
                value = Unescape(value);
            return true;
        }

        static string Unescape(string quoted)
        {
            var plain = new StringBuilder(quoted.Length);
            for (var i = 0; i < quoted.Length; i++)
            {
                if (quoted[i] == '\\')
                    i++;
                plain.Append(quoted[i]);
            }
            return plain.ToString();
        }

        internal readonly bool Fail(string reason, out string error)
        {
            error = $"{reason} at character {Position}";
            return false;
        }
    }
}
