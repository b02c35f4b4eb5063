using Hosting;
using Messaging;
using Translator;

return await GatewayHost.RunAsync("translator", args, builder =>
{
    var kafka = builder.Configuration.Kafka;
    if (kafka.BootstrapServers is not { } servers)
    {
        throw new ConfigurationException(["kafka.bootstrap_servers is missing: the Translator run apart needs a Kafka"]);
    }

    builder.Services.AddTranslator(new KafkaConnection(servers, Embedded: false, kafka, Budget: null));
});
