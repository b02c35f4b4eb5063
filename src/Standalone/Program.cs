using Hosting;
using Standalone;

return await GatewayHost.RunAsync("standalone", Composition.Complete(args), Composition.Configure, Composition.Demo);
