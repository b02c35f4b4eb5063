using Egress;
using Hosting;
using Messaging;

return await GatewayHost.RunAsync("egress", args, builder =>
    builder.Services.AddEgress(KafkaConnection.From(builder.Configuration.Kafka), builder.Configuration.Mqtt));
