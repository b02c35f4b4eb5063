using Akka.Configuration;
using Akka.Configuration.Hocon;
using CsCheck;
using Hosting.Configuration;

namespace Pipeline.Tests.Hosting;

public sealed class HoconParserTests
{
    [Theory]
    [InlineData("a = 15s", "a=15s")]
    [InlineData("a : \"x\"", "a=x")]
    [InlineData("{\"a\": {\"b\": [1, true, \"x\"]}}", "a.b.0=1 a.b.1=true a.b.2=x")]
    [InlineData("a.b.c = 1\na.b { d = 2 }", "a.b.c=1 a.b.d=2")]
    [InlineData("a { b = 1 } c { d = 2 }", "a.b=1 c.d=2")]
    [InlineData("a { b = 1, c = 2, }", "a.b=1 a.c=2")]
    [InlineData("# note\n// note\na = 1 # note\nb = 2 // note", "a=1 b=2")]
    [InlineData("a = 1\na = 2", "a=2")]
    [InlineData("a = 1\na { b = 2 }", "a.b=2")]
    [InlineData("a { b = 2 }\na = 1", "a=1")]
    [InlineData("a = {b = 1} {c = 2}", "a.b=1 a.c=2")]
    [InlineData("a = null", "")]
    [InlineData("a = \"null\"", "a=null")]
    [InlineData("a = \"\"", "a=")]
    [InlineData("a = 0.0.0.0:5783", "a=0.0.0.0:5783")]
    [InlineData("a = :5783", "a=:5783")]
    [InlineData("a = http://x/y", "a=http://x/y")]
    [InlineData("a = [allow all, \"deny 10.0.0.0/8\"]", "a.0=allow all a.1=deny 10.0.0.0/8")]
    [InlineData("a = [\n/3/0\n/4/0\n]", "a.0=/3/0 a.1=/4/0")]
    [InlineData("a = \"\"\"x \"y\" ${z}\"\"\"", "a=x \"y\" ${z}")]
    [InlineData("a = \"q\\u0041\\n\\\"\\\\\"", "a=qA\n\"\\")]
    [InlineData("\"x.y\".z = 1", "x.y.z=1")]
    [InlineData("\uFEFFa = 1\r\nb = 2\r\n", "a=1 b=2")]
    [InlineData("", "")]
    public void Text_is_read(string text, string expected) => Assert.Equal(expected, Read(text, out _));

    [Theory]
    [InlineData("a = \"lwm2m/${endpoint_name}/\"", "a=lwm2m/${endpoint_name}/")]
    [InlineData("a = \"${x}\"\"${y}\"", "a=${x}${y}")]
    [InlineData("a = lwm2m/\"${x}\"/b", "a=lwm2m/${x}/b")]
    public void A_placeholder_in_quotes_is_text(string text, string expected)
    {
        Assert.Equal(expected, Read(text, out var warnings));
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("b = 7\na = ${b}", "b=7 a=7")]
    [InlineData("a = ${b}/x\nb = 7", "a=7/x b=7")]
    [InlineData("a = ${?b}", "a=")]
    [InlineData("a.b = 1\nc = x${a.b}${a.b}", "a.b=1 c=x11")]
    public void A_reference_outside_quotes_is_replaced(string text, string expected)
    {
        Assert.Equal(expected, Read(text, out var warnings));
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("a = lwm2m/${endpoint_name}/", "a=lwm2m/${endpoint_name}/")]
    [InlineData("a = \"lwm2m/\"${x}\"/b\"", "a=lwm2m/${x}/b")]
    [InlineData("a = ${a}", "a=${a}")]
    public void A_reference_to_nothing_stays_with_a_warning(string text, string expected)
    {
        Assert.Equal(expected, Read(text, out var warnings));
        Assert.Contains("outside quotes", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_comment_inside_an_unquoted_topic_is_pointed_out()
    {
        Assert.Equal("topic=dn/", Read("topic = dn/#", out var warnings));
        Assert.Contains("put the value in quotes", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a {\nb = 1", "line 2: the '{' of line 1 is not closed")]
    [InlineData("a = [1,\n2", "line 2: the '[' of line 1 is not closed")]
    [InlineData("a = \"x", "line 1: a quotation mark is not closed")]
    [InlineData("a = \"\"\"x", "line 1: the \"\"\" of line 1 is not closed")]
    [InlineData("a = 1\nb }", "line 2: 'b' is followed by '}'")]
    [InlineData("a = 1 }", "line 1: '}' where a new line or ',' belongs")]
    [InlineData("a =", "line 1: 'a' has no value")]
    [InlineData("a", "line 1: 'a' is followed by the end of the file")]
    [InlineData("= 3", "line 1: a key is expected, not '='")]
    [InlineData("a b = 3", "line 1: 'a' is followed by 'b'")]
    [InlineData("a = x=y", "line 1: '=' in a value")]
    [InlineData("a = \"\\x\"", "line 1: a backslash cannot stand before 'x'")]
    [InlineData("a = ${b", "line 1: '${' is not closed")]
    [InlineData("a = x { b = 1 }", "cannot be joined")]
    [InlineData("a = ${b}\nb { c = 1 }", "refers to a section or list")]
    [InlineData("{ a = 1 } b", "text after the closing '}'")]
    [InlineData("include \"other.conf\"", "'include' is followed by")]
    public void What_is_not_whole_is_an_error_with_its_line(string text, string expected)
    {
        Assert.False(HoconParser.TryParse(text, "f", [], out _, out var problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a = [")]
    [InlineData("a { ")]
    [InlineData("a.")]
    [InlineData("a = ${a")]
    public void Deep_nesting_is_an_error(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 100_000));
        Assert.False(HoconParser.TryParse(text, "f", [], out _, out _));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("")]
    public void References_that_multiply_end(string seed)
    {
        var text = $"a0 = \"{seed}\"\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i} = ${{a{i - 1}}}${{a{i - 1}}}\n"));
        HoconParser.TryParse(text, "f", [], out _, out _);
    }

    [Fact]
    public void Random_and_mutated_text_gives_a_section_or_an_error()
    {
        const string Letters = "ab.={}[]\",#\n\r\t ${}?:/\\+'\"\"\"0\u2028\uFDD0";
        var random = Gen.Char[Letters].Array[0, 60].Select(c => new string(c));
        var mutated = Gen.Select(Gen.Int[0, EmqxBlock.Text.Length - 1], Gen.Int[0, 20], random,
            (at, cut, insert) => EmqxBlock.Text[..at] + insert + EmqxBlock.Text[Math.Min(EmqxBlock.Text.Length, at + cut)..]);
        Gen.OneOf(random, mutated, Gen.String).Sample(text =>
        {
            var read = HoconParser.TryParse(text, "f", [], out var root, out var problem);
            return root.Members is not null && read == (problem.Length == 0);
        }, iter: 20_000);
    }

    [Fact]
    public void Well_formed_documents_mean_what_they_mean_to_Akka()
    {
        var name = AnyOf("a", "b", "key_1", "x-y", "\"quoted\"");
        var value = AnyOf("1", "15s", "true", "\"a ${b} # c\"", "4MB", "two words", "/3/0", "\"\"", "\"\"\"raw \"x\" y\"\"\"", "-1.5");
        var list = value.Array[1, 4].Select(v => $"[{string.Join(", ", v)}]");
        var flat = Gen.Select(name, Gen.OneOf(value, list), (n, v) => $"{n} = {v}");
        var section = Gen.Select(AnyOf("r", "s", "s.t"), flat.Array[0, 4], (n, f) => $"{n} {{\n  {string.Join("\n  ", f)}\n}}");
        Gen.OneOf(flat, section).Array[0, 6].Select(m => string.Join("\n", m)).Sample(text =>
        {
            var expected = string.Join(' ', Flat(ConfigurationFactory.ParseString(text).Root, "").Order(StringComparer.Ordinal));
            return string.Join(' ', Flat(text).Order(StringComparer.Ordinal)) == expected;
        }, iter: 3000);
    }

    static string Read(string text, out List<string> warnings)
    {
        warnings = [];
        Assert.True(HoconParser.TryParse(text, "f", warnings, out var root, out var problem), problem);
        return string.Join(' ', Flat(root, ""));
    }

    static IEnumerable<string> Flat(string text)
    {
        Assert.True(HoconParser.TryParse(text, "f", [], out var root, out var problem), problem);
        return Flat(root, "");
    }

    static IEnumerable<string> Flat(SettingNode node, string path)
    {
        if (node.Text is not null)
            return [$"{path}={node.Text}"];
        var prefix = path.Length == 0 ? "" : path + ".";
        return node.Members?.SelectMany(m => Flat(m.Value, prefix + m.Key))
            ?? node.Items?.SelectMany((item, i) => Flat(item, $"{prefix}{i}")) ?? [];
    }

    static IEnumerable<string> Flat(HoconValue value, string path)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        if (value.IsObject())
            return value.GetObject().Items.SelectMany(m => Flat(m.Value, prefix + m.Key));
        if (value.IsArray())
            return value.GetArray().SelectMany((item, i) => Flat(item, $"{prefix}{i}"));
        return value.IsEmpty ? [] : [$"{path}={value.GetString()}"];
    }

    static Gen<string> AnyOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
