using Egress;
using Hosting;
using Messaging;

return await GatewayHost.RunAsync("egress", args, builder =>
{
    var kafka = builder.Configuration.Kafka;
    if (kafka.BootstrapServers is not { } servers)
    {
        throw new ConfigurationException(["kafka.bootstrap_servers is missing: Egress run apart needs a Kafka"]);
    }

    builder.Services.AddEgress(new KafkaConnection(servers, Embedded: false, kafka, Budget: null), builder.Configuration.Mqtt);
});
