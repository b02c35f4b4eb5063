using System.CommandLine;
using Contracts.Configuration;
using Hosting;
using Ingress.Security;

namespace Tools.Commands;

/// <summary><c>lwm2m credentials</c>: who may come in over DTLS, on the topic that Ingress reads with <c>credentials.kafka</c>.</summary>
static class CredentialsCommand
{
    public static readonly Option<bool> AsJson = new("--json") { Description = "Say it as JSON, one line each." };
    public static readonly RuleSwitches Switches = new("Configuration file of the gateway, for its sections kafka and credentials; may be given several times.");

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
    public static CredentialKeys KeysOf(CredentialsOptions options) =>
        CredentialKeys.TryRead(options.Keys, out var keys, out var problem)
            ? keys
            : throw new ConfigurationException([$"credentials.keys (of --config, or CREDENTIALS__KEYS in the environment): {problem}"]);
}
