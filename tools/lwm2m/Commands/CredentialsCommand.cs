using System.CommandLine;
using System.Text.Json;
using Hosting;
using Ingress.Security;
using Tools.Credentials;
using Tools.Output;

namespace Tools.Commands;

/// <summary><c>lwm2m credentials</c>: who may come in over DTLS, on the topic that Ingress reads with <c>credentials.kafka</c>.</summary>
static class CredentialsCommand
{
    static readonly Option<bool> AsJson = new("--json") { Description = "Say it as JSON, one line each." };
    static readonly RuleSwitches Switches = new("Configuration file of the gateway, for its sections kafka and credentials; may be given several times.");

    public static Command Create() => new("credentials", """
        Which keys and certificates let a device in over DTLS: those on the topic of Kafka that Ingress reads with credentials.kafka = true. They are
        encrypted there with the first of credentials.keys, from --config or the environment: CREDENTIALS__KEYS=k1:$(openssl rand -hex 32).
        Ingress needs the same keys.

        Examples:
          lwm2m credentials add --endpoint dev-1 --generate -k localhost:9092
          lwm2m credentials list -k localhost:9092
          lwm2m credentials remove --endpoint dev-1 -k localhost:9092
        """)
    {
        CredentialsAddCommand.Create(), CredentialsListCommand.Create(), CredentialsRemoveCommand.Create(), CredentialsRekeyCommand.Create(),
    };

    /// <summary>Adds what all of them take.</summary>
    public static Command WithSwitches(Command command)
    {
        command.Options.Add(AsJson);
        command.Options.Add(KafkaSwitches.Servers);
        command.Options.Add(KafkaSwitches.Prefix);
        Switches.AddTo(command);
        return command;
    }

    /// <exception cref="ConfigurationException">There are none, or one is no key.</exception>
    public static CredentialKeys Keys(ParseResult arguments) =>
        CredentialKeys.TryRead(Switches.Configuration(arguments).Credentials.Keys, out var keys, out var problem)
            ? keys
            : throw new ConfigurationException([$"credentials.keys (of --config, or CREDENTIALS__KEYS in the environment): {problem}"]);

    /// <exception cref="IOException">Kafka does not answer, or the topic is not there.</exception>
    public static Task<CredentialStore> OpenAsync(ParseResult arguments, CancellationToken cancellation) =>
        CredentialStore.OpenAsync(KafkaSwitches.Connect(arguments, Switches.Configuration(arguments).Kafka), cancellation);

    /// <summary>A line on the output: for programs where they asked, else for people.</summary>
    public static Task SayAsync(ParseResult arguments, object json, string text) =>
        arguments.InvocationConfiguration.Output.WriteLineAsync(arguments.GetValue(AsJson) ? JsonSerializer.Serialize(json, OutputJson.Line) : text);
}
