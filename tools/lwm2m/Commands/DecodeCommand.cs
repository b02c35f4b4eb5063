using System.Buffers;
using System.CommandLine;
using System.CommandLine.Parsing;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Tools.Decoding;

namespace Tools.Commands;

/// <summary><c>lwm2m decode</c>: a datagram down to names and values.</summary>
static class DecodeCommand
{
    const int Undecodable = 1;

    static readonly Argument<byte[]> Datagram = new("hex")
    {
        Description = "The datagram in hexadecimal; blanks and colons do not matter.",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseHex,
    };

    static readonly Option<Lwm2mPath?> Path = new("--path")
    {
        Description = "The path that an answer or notification is about, such as /3303/0: it does not say itself.",
        CustomParser = ParsePath,
    };

    static readonly Option<DirectoryInfo> Xml = new("--xml") { Description = "Folder of object definitions; without it those that the tool carries." };

    public static Command Create()
    {
        Xml.AcceptExistingOnly();
        var command = new Command("decode", "Explain a CoAP datagram: header, options, payload, with the names of objects and resources.")
        {
            Datagram, Path, Xml,
        };
        command.SetAction(Run);
        return command;
    }

    static byte[]? ParseHex(ArgumentResult result)
    {
        var digits = string.Concat(result.Tokens.Select(token => token.Value)).Replace(":", "", StringComparison.Ordinal);
        digits = string.Concat(digits.Where(character => !char.IsWhiteSpace(character)));
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        var bytes = new byte[digits.Length / 2];
        if (digits.Length % 2 == 0 && Convert.FromHexString(digits, bytes, out _, out _) == OperationStatus.Done)
            return bytes;
        result.AddError("The datagram must be an even number of hexadecimal digits.");
        return null;
    }

    static Lwm2mPath? ParsePath(ArgumentResult result)
    {
        if (Lwm2mPath.TryParse(result.Tokens[0].Value, out var path))
            return path;
        result.AddError($"{result.Tokens[0].Value} is not a path such as /3303/0.");
        return null;
    }

    static int Run(ParseResult arguments)
    {
        var definitions = ShippedDefinitions.Catalog;
        if (arguments.GetValue(Xml) is { } directory)
        {
            var folder = new DefinitionFolder(directory.FullName);
            folder.Reload();
            foreach (var error in folder.Errors)
                Console.Error.WriteLine(error);
            definitions = folder.Catalog;
        }
        var isMessage = DatagramExplanation.TryExplain(arguments.GetRequiredValue(Datagram), definitions, arguments.GetValue(Path), out var lines);
        foreach (var line in lines)
            Console.WriteLine(line);
        return isMessage ? 0 : Undecodable;
    }
}
