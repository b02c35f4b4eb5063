using System.Globalization;
using System.Text;

namespace Hosting.Configuration;

/// <summary>
/// Reads the HOCON that EMQX writes, and JSON, which is part of it. Strict (what is not closed is an error with its line), bounded
/// in depth, and total: it ends on every text. <c>${...}</c> in quotes is text; outside quotes it stands for the single value of
/// that key, and for itself, with a warning, where there is no such key. No includes, no <c>+=</c>.
/// </summary>
internal sealed class HoconParser
{
    const int DeepestNesting = 64;

    readonly string text;
    readonly string source;
    readonly List<string> warnings;
    readonly List<string> path = [];
    int position;
    int line = 1;

    HoconParser(string text, string source, List<string> warnings)
    {
        this.text = text;
        this.source = source;
        this.warnings = warnings;
    }

    /// <summary>False: <paramref name="problem"/> says where and what, and <paramref name="root"/> is empty.</summary>
    public static bool TryParse(string text, string source, List<string> warnings, out SettingNode root, out string problem)
    {
        var parser = new HoconParser(text, source, warnings);
        try
        {
            root = HoconReferences.Resolve(parser.Document(), warnings);
            problem = "";
            return true;
        }
        catch (FormatException e)
        {
            root = SettingNode.Section(source);
            problem = e.Message;
            return false;
        }
    }

    SettingNode Document()
    {
        if (Peek == '\uFEFF')
            position++;
        SkipBlank(newLines: true);
        var root = SettingNode.Section(source);
        if (Peek == '{')
        {
            position++;
            Members(root, '}', 1);
            SkipBlank(newLines: true);
            if (!AtEnd)
                throw Error("text after the closing '}'");
        }
        else
        {
            Members(root, '\0', 0);
        }

        return root;
    }

    void Members(SettingNode section, char close, int depth)
    {
        if (depth > DeepestNesting)
            throw Error("sections are nested too deeply");
        var opened = line;
        while (true)
        {
            SkipSeparators();
            if (AtEnd)
            {
                if (close != '\0')
                    throw Error($"the '{{' of line {opened} is not closed");
                return;
            }

            if (Peek == close)
            {
                position++;
                return;
            }

            var keyLine = line;
            var key = KeyPath();
            path.AddRange(key);
            SkipBlank(newLines: false);
            if (Peek is '=' or ':')
            {
                position++;
                SkipBlank(newLines: true);
            }
            else if (Peek != '{')
            {
                throw Error($"'{string.Join('.', key)}' is followed by {Shown(Peek)} where '=', ':' or '{{' belongs");
            }

            var value = Value(depth, Origin(keyLine));
            section.Set(key, value);
            path.RemoveRange(path.Count - key.Length, key.Length);
            // "a { ... } b { ... }" on one line is usual in short files.
            SkipBlank(newLines: false);
            if (value.Members is null || !AtKey)
                EndOfElement(close);
        }
    }

    string[] KeyPath()
    {
        List<string> key = [];
        while (true)
        {
            SkipBlank(newLines: false);
            if (Peek == '"')
            {
                key.Add(Quoted());
            }
            else
            {
                var start = position;
                while (AtKeyLetter)
                    position++;
                if (position == start)
                    throw Error($"a key is expected, not {Shown(Peek)}");
                key.Add(text[start..position]);
            }

            if (key.Count + path.Count > DeepestNesting)
                throw Error("sections are nested too deeply");
            if (Peek != '.')
                return [.. key];
            position++;
        }
    }

    SettingNode Value(int depth, string origin)
    {
        SettingNode? whole = null;
        List<HoconPiece> pieces = [];
        while (true)
        {
            var start = position;
            SkipBlank(newLines: false);
            var blank = text[start..position];
            SettingNode? part = null;
            if (Peek == '{')
            {
                position++;
                part = SettingNode.Section(origin);
                Members(part, '}', depth + 1);
            }
            else if (Peek == '[')
            {
                position++;
                part = Items(depth + 1, origin);
            }

            if (part is not null)
            {
                if (pieces.Count > 0 || (whole is not null && (whole.Members is null || part.Members is null)))
                    throw Error("a section or list cannot be joined to what stands before it");
                if (whole is null)
                    whole = part;
                else
                    whole.Merge(part);
            }
            else if (AtEnd || Peek is '\n' or ',' or '}' or ']' or '#' || AtComment)
            {
                break;
            }
            else if (whole is { Members: not null } && AtKey)
            {
                break;
            }
            else if (whole is not null)
            {
                throw Error($"{Shown(Peek)} after the end of a section or list");
            }
            else
            {
                if (pieces.Count > 0 && blank.Length > 0)
                    pieces.Add(new HoconPiece(blank));
                pieces.Add(Piece());
            }
        }

        if (whole is not null)
            return whole;
        if (pieces.Count == 0)
            throw Error($"'{string.Join('.', path)}' has no value");
        return HoconReferences.Hold(pieces, origin);
    }

    SettingNode Items(int depth, string origin)
    {
        if (depth > DeepestNesting)
            throw Error("lists are nested too deeply");
        var opened = line;
        List<SettingNode> items = [];
        while (true)
        {
            SkipSeparators();
            if (AtEnd)
                throw Error($"the '[' of line {opened} is not closed");
            if (Peek == ']')
            {
                position++;
                return new SettingNode(origin) { Items = items };
            }

            items.Add(Value(depth, Origin(line)));
            EndOfElement(']');
        }
    }

    HoconPiece Piece()
    {
        if (string.CompareOrdinal(text, position, "\"\"\"", 0, 3) == 0)
            return new HoconPiece(TripleQuoted());
        if (Peek == '"')
            return new HoconPiece(Quoted());
        if (AtReference)
            return Reference();
        var start = position;
        while (!AtEnd && !EndsUnquoted())
            position++;
        if (Peek == '#')
        {
            warnings.Add($"{Origin(line)}: '#' starts a comment, so the value ends at '{text[start..position]}'; "
                + "put the value in quotes if '#' belongs to it");
        }

        if (position == start)
            throw Error($"{Shown(Peek)} in a value; put the value in quotes");
        var word = text[start..position];
        return new HoconPiece(word) { Null = word == "null" };
    }

    bool EndsUnquoted() =>
        Peek is ' ' or '\t' or '\r' or '\n' or ',' or '"' or '{' or '}' or ']' or '[' or '#' or '=' or '\\'
        || AtReference
        || (AtComment && text[position - 1] != ':'); // http://... is a value, not a comment

    HoconPiece Reference()
    {
        var end = text.IndexOf('}', position);
        var name = end < 0 ? "" : text[(position + 2)..end];
        if (end < 0 || name.AsSpan().IndexOfAny('\n', '{', '"') >= 0)
            throw Error("'${' is not closed");
        position = end + 1;
        return new HoconPiece(name) { Reference = true };
    }

    string TripleQuoted()
    {
        var opened = line;
        var end = text.IndexOf("\"\"\"", position + 3, StringComparison.Ordinal);
        if (end < 0)
            throw Error($"the \"\"\" of line {opened} is not closed");
        while (end + 3 < text.Length && text[end + 3] == '"')
            end++;
        var content = text[(position + 3)..end];
        line += content.AsSpan().Count('\n');
        position = end + 3;
        return content;
    }

    string Quoted()
    {
        var content = new StringBuilder();
        for (position++; ; position++)
        {
            if (AtEnd || Peek == '\n')
                throw Error("a quotation mark is not closed on its line");
            if (Peek == '"')
            {
                position++;
                return content.ToString();
            }

            if (Peek != '\\')
                content.Append(Peek);
            else
                content.Append(Escaped());
        }
    }

    char Escaped()
    {
        position++;
        if (Peek == 'u' && position + 4 < text.Length
            && ushort.TryParse(text.AsSpan(position + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            position += 4;
            return (char)code;
        }

        return Peek switch
        {
            '"' or '\\' or '/' => Peek,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => throw Error($"a backslash cannot stand before {Shown(Peek)}"),
        };
    }

    void EndOfElement(char close)
    {
        SkipBlank(newLines: false);
        if (!AtEnd && Peek != close && Peek is not (',' or '\n'))
            throw Error($"{Shown(Peek)} where a new line or ',' belongs");
    }

    // One comma at most between two elements, as many new lines as one likes.
    void SkipSeparators()
    {
        SkipBlank(newLines: true);
        if (Peek != ',')
            return;
        position++;
        SkipBlank(newLines: true);
    }

    void SkipBlank(bool newLines)
    {
        while (!AtEnd)
        {
            if (Peek == '#' || AtComment)
            {
                while (!AtEnd && Peek != '\n')
                    position++;
            }
            else if (Peek == '\n' ? newLines : char.IsWhiteSpace(Peek))
            {
                line += Peek == '\n' ? 1 : 0;
                position++;
            }
            else
            {
                return;
            }
        }
    }

    bool AtEnd => position >= text.Length;

    char Peek => AtEnd ? '\0' : text[position];

    bool AtKeyLetter => !AtEnd && (char.IsLetterOrDigit(Peek) || Peek is '_' or '-' or '$');

    bool AtKey => AtKeyLetter || Peek == '"';

    bool AtReference => Peek == '$' && position + 1 < text.Length && text[position + 1] == '{';

    bool AtComment => Peek == '/' && position + 1 < text.Length && text[position + 1] == '/';

    string Origin(int at) => $"{source} line {at.ToString(CultureInfo.InvariantCulture)}";

    FormatException Error(string what) => new($"{Origin(line)}: {what}");

    string Shown(char c) => AtEnd ? "the end of the file" : c < ' ' || c > '~' ? $"U+{(int)c:X4}" : $"'{c}'";
}
