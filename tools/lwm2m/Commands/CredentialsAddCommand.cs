using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Ingress.Access;
using Ingress.Security;

namespace Tools.Commands;

/// <summary><c>lwm2m credentials add</c>.</summary>
static class CredentialsAddCommand
{
    const int GeneratedBytes = 16;

    static readonly Option<string?> Endpoint = new("--endpoint") { Description = "For which endpoint name it counts, as in the file: a * at the end for any rest, ${identity} for the identity. Without: the identity." };
    static readonly Option<string?> Identity = new("--identity") { Description = "The PSK identity that the device sends. Without: the endpoint." };
    static readonly Option<string?> Psk = new("--psk") { Description = "The pre-shared key in hex; - takes a line from the input, so that no list of processes shows it." };
    static readonly Option<bool> Generate = new("--generate") { Description = "Make a pre-shared key, and show it this once." };
    static readonly Option<string?> Rpk = new("--rpk") { Description = "The raw public key: SubjectPublicKeyInfo, DER in base64." };
    static readonly Option<string?> X509 = new("--x509") { Description = "The SHA-256 of the certificate, in hex." };
    static readonly Option<FileInfo> FromFile = new("--file") { Description = "A file of credentials instead: each of its entries. One that is broken, and nothing is added." };

    public static Command Create()
    {
        FromFile.AcceptExistingOnly();
        var command = new Command("add", """
            Add credentials, or replace those of the same identity. Sessions with what was replaced end with the next message.

            Examples:
              lwm2m credentials add --endpoint dev-1 --generate -k localhost:9092 -c gateway.conf
              lwm2m credentials add --endpoint 'urn:site-7:*' --identity site-7 --psk - < key.hex
              lwm2m credentials add --file credentials.json

            Exit code: 0 Kafka has them, 2 an entry is broken, or Kafka is not to be had.
            """)
        {
            Endpoint, Identity, Psk, Generate, Rpk, X509, FromFile,
        };
        command.Validators.Add(static result =>
        {
            var kinds = new Option[] { Psk, Generate, Rpk, X509, FromFile }.Count(o => result.GetResult(o) is { Implicit: false });
            if (kinds != 1)
                result.AddError("Say one of --psk, --generate, --rpk, --x509 and --file.");
            else if (result.GetResult(FromFile) is { Implicit: false } && (result.GetValue(Endpoint) ?? result.GetValue(Identity)) is not null)
                result.AddError("--file says itself for whom its entries count.");
        });
        command.SetAction(RunAsync);
        return CredentialsCommand.WithSwitches(command);
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var keys = CredentialsCommand.Keys(arguments);
        var entries = EntriesOf(arguments);
        using var store = await CredentialsCommand.OpenAsync(arguments, cancellation);
        await store.WriteAsync(entries.Select(e => (e.Credential.Identity, (byte[]?)CredentialRecord.Write(e.Texts, e.Credential, keys))), cancellation);
        foreach (var (texts, credential) in entries)
        {
            var isNew = !store.Records.ContainsKey(credential.Identity);
            var shown = arguments.GetValue(Generate) ? texts["psk"] : null;
            await CredentialsCommand.SayAsync(
                arguments,
                new { credential.Identity, Endpoint = credential.Endpoints.ToString(), Added = isNew, Psk = shown },
                $"{credential.Identity}  for {credential.Endpoints} {(isNew ? "is added" : "is replaced")}{(shown is null ? "" : $"; its key, shown this once: {shown}")}");
        }

        return 0;
    }

    static List<(IReadOnlyDictionary<string, string> Texts, Credential Credential)> EntriesOf(ParseResult arguments)
    {
        try
        {
            if (arguments.GetValue(FromFile) is { } file)
                return EntriesIn(file);
            var texts = TextsOf(arguments);
            return [(texts, CredentialEntry.Of(texts, "the entry"))];
        }
        // The last: half a surrogate pair in a text.
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidOperationException)
        {
            throw new IOException(e.Message, e);
        }
    }

    static List<(IReadOnlyDictionary<string, string> Texts, Credential Credential)> EntriesIn(FileInfo file)
    {
        Dictionary<string, (IReadOnlyDictionary<string, string>, Credential)> entries = [];
        using var stream = file.OpenRead();
        CredentialSet.ReadEach(stream, (item, credential, name) =>
        {
            if (!entries.TryAdd(credential.Identity, (HttpReply.TextsOf(item), credential)))
                throw new InvalidDataException($"{name} has the identity of another one");
        });
        return [.. entries.Values];
    }

    static Dictionary<string, string> TextsOf(ParseResult arguments)
    {
        Dictionary<string, string> texts = [];
        Put("endpoint", arguments.GetValue(Endpoint));
        Put("identity", arguments.GetValue(Identity));
        Put("rpk", arguments.GetValue(Rpk));
        Put("x509", arguments.GetValue(X509));
        Put("psk", arguments.GetValue(Psk) switch
        {
            "-" => Console.In.ReadLine()?.Trim() ?? "",
            null when arguments.GetValue(Generate) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(GeneratedBytes)),
            var hex => hex,
        });
        return texts;

        void Put(string name, string? text)
        {
            if (text is not null)
                texts[name] = text;
        }
    }
}
