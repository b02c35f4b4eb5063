using Hosting;
using Messaging;
using Translator;

return await GatewayHost.RunAsync("translator", args, builder => builder.Services.AddTranslator(KafkaConnection.From(builder.Configuration.Kafka)));
