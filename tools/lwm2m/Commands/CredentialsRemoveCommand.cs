using System.CommandLine;
using Ingress.Security;
using Tools.Credentials;

namespace Tools.Commands;

/// <summary><c>lwm2m credentials remove</c>.</summary>
static class CredentialsRemoveCommand
{
    const int NotThere = 1;

    static readonly Option<string?> Endpoint = new("--endpoint") { Description = "All that count for that endpoint alone, or for just these (site-7:*), as `list` tells it." };
    static readonly Option<string?> Identity = new("--identity") { Description = "The one with that PSK identity, or with that identity as `list` tells it (x509-sha256:...)." };

    public static Command Create()
    {
        var command = new Command("remove", """
            Take credentials away. Sessions with them end with the next message.

            Examples:
              lwm2m credentials remove --endpoint dev-1 -k localhost:9092 -c gateway.conf
              lwm2m credentials remove --identity site-7 -k localhost:9092

            Exit code: 0 they are gone, 1 there is none, 2 Kafka is not to be had. By identity it needs no keys.
            """)
        {
            Endpoint, Identity,
        };
        command.Validators.Add(static result =>
        {
            if (result.GetValue(Endpoint) is null == result.GetValue(Identity) is null)
                result.AddError("Say one of --endpoint and --identity.");
        });
        command.SetAction(RunAsync);
        return CredentialsCommand.WithSwitches(command);
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var keys = arguments.GetValue(Endpoint) is null ? null : CredentialsCommand.Keys(arguments);
        using var store = await CredentialsCommand.OpenAsync(arguments, cancellation);
        var meant = keys is null
            ? OfIdentity(store, arguments.GetValue(Identity)!)
            : [.. CredentialsListCommand.LinesOf(store, keys).Where(line => line.Endpoint == arguments.GetValue(Endpoint)).Select(line => line.Identity)];
        await store.WriteAsync(meant.Select(identity => (identity, (byte[]?)null)), cancellation);
        foreach (var identity in meant)
            await CredentialsCommand.SayAsync(arguments, new { Identity = identity, Removed = true }, $"{identity} is removed");
        if (meant.Count == 0)
            await arguments.InvocationConfiguration.Error.WriteLineAsync("there is no such credential");
        return meant.Count > 0 ? 0 : NotThere;
    }

    static List<string> OfIdentity(CredentialStore store, string identity) =>
        [.. new[] { identity, CredentialEntry.OfPsk(identity) }.Where(store.Records.ContainsKey).Take(1)];
}
