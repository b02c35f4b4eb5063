using System.CommandLine;
using Ingress.Security;
using Tools.Credentials;

namespace Tools.Commands;

/// <summary><c>lwm2m credentials rekey</c>.</summary>
static class CredentialsRekeyCommand
{
    const int Unreadable = 1;

    public static Command Create()
    {
        var command = new Command("rekey", """
            Encrypt anew, with the first of credentials.keys, what was encrypted with another; afterwards the others can go. Sessions live on.
            Nothing else should be written meanwhile: of two changes of one credential the later counts.

            Examples:
              CREDENTIALS__KEYS=k2:$(cat k2.hex),k1:$(cat k1.hex) lwm2m credentials rekey -k localhost:9092
              lwm2m credentials rekey --config gateway.conf

            Exit code: 0 the first key opens all, 1 some could not be read, and stay as they are, 2 Kafka is not to be had.
            """);
        command.SetAction(RunAsync);
        return CredentialsCommand.WithSwitches(command);
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var keys = CredentialsCommand.Keys(arguments);
        using var store = await CredentialsCommand.OpenAsync(arguments, cancellation);
        List<(string, byte[]?)> anew = [];
        var unreadable = 0;
        foreach (var (identity, value) in store.Records)
        {
            if (!CredentialRecord.TryRead(CredentialRecord.KeyOf(identity), value, keys, out var texts, out var credential, out _))
                unreadable++;
            else if (keys.IsOld(value))
                anew.Add((identity, CredentialRecord.Write(texts, credential, keys)));
        }

        await store.WriteAsync(anew, cancellation);
        await CredentialsCommand.SayAsync(
            arguments, new { Key = keys.Name, Rekeyed = anew.Count, Unreadable = unreadable }, $"{anew.Count} are encrypted anew with {keys.Name}; {unreadable} cannot be read");
        return unreadable == 0 ? 0 : Unreadable;
    }
}
