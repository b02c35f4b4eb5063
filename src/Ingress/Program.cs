using Hosting;
using Ingress;
using Messaging;

return await GatewayHost.RunAsync("ingress", args, builder => builder.Services.AddIngress(KafkaConnection.From(builder.Configuration.Kafka), builder.Configuration.Credentials));
