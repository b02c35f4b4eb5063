using Dashboard;
using Hosting;
using Messaging;

return await GatewayHost.RunAsync("dashboard", args, builder => builder.AddDashboard(KafkaConnection.From(builder.Configuration.Kafka)));
