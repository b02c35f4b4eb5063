namespace Contracts.Configuration;

/// <summary>Where Kafka is and how its topics are laid out.</summary>
[Doc("Kafka: where it is, how to log in, how the topics are laid out.")]
public sealed record KafkaOptions
{
    /// <summary>Partitions of the topics keyed by endpoint, where nothing is configured.</summary>
    public const int PartitionsOfKafka = 24;

    /// <summary>The same on the embedded broker.</summary>
    public const int PartitionsOfEmbedded = 4;

    /// <summary>Partitions of <c>downlink</c>, where nothing is configured.</summary>
    public const int SlotsOfKafka = 64;

    /// <summary>The same on the embedded broker.</summary>
    public const int SlotsOfEmbedded = 4;

    [Doc("Brokers as `host:port`, separated by commas. "
        + "Absent, Standalone starts an embedded broker that forgets everything when the process ends; the services run apart need it.")]
    public string? BootstrapServers { get; init; }

    [Doc("First part of every topic name, of the consumer groups and of the MQTT client id.")]
    [Pattern("[A-Za-z0-9._-]{1,100}")]
    public string TopicPrefix { get; init; } = "lwm2m";

    [Doc("Partitions of the topics keyed by endpoint. Absent: 24, on the embedded broker 4. It cannot be changed once the topics exist.")]
    [Range("1", "1024")]
    public int? Partitions { get; init; }

    [Doc("Copies of each topic that is created.")]
    [Range("1", "32")]
    public int ReplicationFactor { get; init; } = 1;

    [Doc("Partitions of the downlink topic, which is the most Ingress replicas that can ever run. Absent: 64, on the embedded broker 4.")]
    [Range("1", "4096")]
    public int? Slots { get; init; }

    [Doc("How brokers are spoken to.")]
    [OneOf("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")]
    public string? SecurityProtocol { get; init; }

    [Doc("SASL mechanism.")]
    [OneOf("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI", "OAUTHBEARER")]
    public string? SaslMechanism { get; init; }

    [Doc("SASL user name.")]
    public string? SaslUsername { get; init; }

    [Doc("SASL password.")]
    [Secret]
    public string? SaslPassword { get; init; }

    [Doc("File or folder of the certificate authorities that the brokers are checked against.")]
    [FilePath]
    public string? SslCaLocation { get; init; }

    [Doc("PEM file of the client certificate.")]
    [FilePath]
    public string? SslCertificateLocation { get; init; }

    [Doc("PEM file of the client's private key.")]
    [FilePath]
    public string? SslKeyLocation { get; init; }

    [Doc("Password of the private key.")]
    [Secret]
    public string? SslKeyPassword { get; init; }

    [Doc("Any setting of librdkafka under its own name (`socket.timeout.ms = 30000`); it wins over ours, except where the delivery rules rest on them (acks, idempotence, partitioner, offsets, isolation).")]
    [DottedKeys]
    public IReadOnlyDictionary<string, string> Client { get; init; } = new Dictionary<string, string>();

    /// <summary>The number of partitions in force.</summary>
    public int PartitionsOn(bool embedded) => Partitions ?? (embedded ? PartitionsOfEmbedded : PartitionsOfKafka);

    /// <summary>The number of slots in force.</summary>
    public int SlotsOn(bool embedded) => Slots ?? (embedded ? SlotsOfEmbedded : SlotsOfKafka);
}
