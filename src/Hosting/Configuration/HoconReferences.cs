using System.Text;

namespace Hosting.Configuration;

/// <summary>Puts values in the place of <c>${key}</c> outside quotes, once the whole file is read.</summary>
internal sealed class HoconReferences
{
    const char Open = '\uFDD0'; // not a character (Unicode 23.7), so in no sensible file
    const char Close = '\uFDD1';
    const int LongestText = 1 << 16;

    readonly SettingNode root;
    readonly List<string> warnings;
    readonly HashSet<SettingNode> underWay = [];
    readonly Dictionary<SettingNode, string> done = [];

    HoconReferences(SettingNode root, List<string> warnings)
    {
        this.root = root;
        this.warnings = warnings;
    }

    /// <summary>A text node of the pieces, its references marked until <see cref="Resolve"/>.</summary>
    public static SettingNode Hold(List<HoconPiece> pieces, string origin)
    {
        if (pieces is [{ Null: true }])
            return new SettingNode(origin);
        var text = new StringBuilder();
        foreach (var piece in pieces)
        {
            if (piece.Reference)
                text.Append(Open).Append(piece.Text).Append(Close);
            else
                text.Append(piece.Text.Replace(Open, '\uFFFD').Replace(Close, '\uFFFD'));
        }

        return new SettingNode(origin) { Text = text.ToString() };
    }

    public static SettingNode Resolve(SettingNode root, List<string> warnings) => new HoconReferences(root, warnings).Whole(root);

    SettingNode Whole(SettingNode node)
    {
        if (node.Text is not null)
            return node.Text.Contains(Open) ? new SettingNode(node.Origin) { Text = TextOf(node) } : node;
        if (node.Items is not null)
            return new SettingNode(node.Origin) { Items = node.Items.ConvertAll(Whole) };
        if (node.Members is null)
            return node;
        var section = SettingNode.Section(node.Origin);
        foreach (var (name, value) in node.Members)
            section.Members![name] = Whole(value);
        return section;
    }

    string TextOf(SettingNode node)
    {
        var rest = node.Text.AsSpan();
        if (!rest.Contains(Open))
            return node.Text!;
        if (done.TryGetValue(node, out var known))
            return known;
        underWay.Add(node);
        if (underWay.Count > 32)
            throw new FormatException($"{node.Origin}: references lead to each other too often");
        var text = new StringBuilder();
        while (rest.IndexOf(Open) is >= 0 and var open)
        {
            var close = rest.IndexOf(Close);
            text.Append(rest[..open]).Append(ValueOf(rest[(open + 1)..close].ToString(), node));
            if (text.Length > LongestText)
                throw new FormatException($"{node.Origin}: references make the value too long");
            rest = rest[(close + 1)..];
        }

        underWay.Remove(node);
        return done[node] = text.Append(rest).ToString();
    }

    string ValueOf(string name, SettingNode user)
    {
        var optional = name.StartsWith('?');
        var target = root.Find(name.TrimStart('?').Trim().Split('.'));
        if (target is { Text: not null } && !underWay.Contains(target))
            return TextOf(target);
        if (target is { Text: null })
            throw new FormatException($"{user.Origin}: ${{{name}}} refers to a section or list; only a single value can be referred to");
        if (optional)
            return "";
        warnings.Add($"{user.Origin}: ${{{name}}} stands outside quotes and no such key has a value; "
            + "it is taken as text. Put the value in quotes");
        return $"${{{name}}}";
    }
}
