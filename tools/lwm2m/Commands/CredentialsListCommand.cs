using System.CommandLine;
using Ingress.Security;
using Tools.Credentials;

namespace Tools.Commands;

/// <summary><c>lwm2m credentials list</c>.</summary>
static class CredentialsListCommand
{
    const int Unreadable = 1;

    public static Command Create()
    {
        var command = new Command("list", """
            Tell which credentials there are and for whom they count, never their keys.

            Example:
              lwm2m credentials list -k localhost:9092 -c gateway.conf --json

            Exit code: 0 all can be read, 1 some cannot, and let nobody in, 2 Kafka is not to be had.
            """);
        command.SetAction(RunAsync);
        return CredentialsCommand.WithSwitches(command);
    }

    /// <summary>What stands there, by identity.</summary>
    public static IEnumerable<CredentialLine> LinesOf(CredentialStore store, CredentialKeys keys)
    {
        foreach (var (identity, value) in store.Records)
        {
            yield return CredentialRecord.TryRead(CredentialRecord.KeyOf(identity), value, keys, out var texts, out var credential, out var reason)
                ? new CredentialLine(identity, texts.Keys.Single(name => name is "psk" or "rpk" or "x509"), credential.Endpoints.ToString(), null)
                : new CredentialLine(identity, null, null, reason);
        }
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var keys = CredentialsCommand.Keys(arguments);
        using var store = await CredentialsCommand.OpenAsync(arguments, cancellation);
        var code = 0;
        foreach (var line in LinesOf(store, keys))
        {
            await CredentialsCommand.SayAsync(arguments, line, line.ToString());
            if (line.Problem is not null)
                code = Unreadable;
        }

        return code;
    }
}
