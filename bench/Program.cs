using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Running;
using Pipeline.Bench;
using Pipeline.Bench.Dtls;

if (args is ["idle", ..])
    IdleDevices.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100_000);
else if (args is ["restore", var servers, ..])
    await Restore.RunAsync(servers, args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 100_000);
else if (args is ["dtls", ..])
    DtlsCosts.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100_000);
else
    BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
