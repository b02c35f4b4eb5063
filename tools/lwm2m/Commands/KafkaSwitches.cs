using System.CommandLine;
using Contracts.Configuration;
using Messaging;

namespace Tools.Commands;

/// <summary>Which Kafka, and which topics of it: said by a configuration file, and by options that win over it.</summary>
static class KafkaSwitches
{
    public static readonly Option<string?> Servers = new("--kafka", "-k") { Description = "Kafka brokers, HOST:PORT[,HOST:PORT]; else kafka.bootstrap_servers of the configuration." };

    public static readonly Option<string?> Prefix = new("--prefix") { Description = "What the names of the topics begin with; else kafka.topic_prefix of the configuration." };

    /// <exception cref="IOException">No brokers are named.</exception>
    public static KafkaConnection Connect(ParseResult arguments, KafkaOptions configured)
    {
        var options = configured with
        {
            BootstrapServers = arguments.GetValue(Servers) ?? configured.BootstrapServers,
            TopicPrefix = arguments.GetValue(Prefix) ?? configured.TopicPrefix,
        };
        return options.BootstrapServers is null
            ? throw new IOException("No Kafka is named: --kafka HOST:PORT, or kafka.bootstrap_servers in the configuration.")
            : KafkaConnection.From(options);
    }
}
