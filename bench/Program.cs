using System.Globalization;
using System.Net;
using System.Reflection;
using BenchmarkDotNet.Running;
using Pipeline.Bench;
using Pipeline.Bench.Dtls;

if (args is ["idle", ..])
    IdleDevices.Run(args.Length > 1 ? Number(args[1]) : 100_000);
else if (args is ["restore", var servers, ..])
    await Restore.RunAsync(servers, args.Length > 2 ? Number(args[2]) : 100_000);
else if (args is ["dtls", ..])
    DtlsCosts.Run(args.Length > 1 ? Number(args[1]) : 100_000);
else if (args is ["dtls-pipeline", var plain, var secure, var ingress, var metrics, var key, var devices, var rate])
    await DtlsPipeline.RunAsync(IPEndPoint.Parse(plain), IPEndPoint.Parse(secure), Number(ingress), new Uri(metrics), Convert.FromHexString(key), Number(devices), Number(rate));
else
    BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
