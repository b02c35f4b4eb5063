using System.CommandLine;
using System.Net;
using Tools.Load;

namespace Tools.Commands;

/// <summary><c>lwm2m sink</c>, not listed in the help: what <c>lwm2m load</c> is measured against.</summary>
static class SinkCommand
{
    static readonly Option<int> Port = new("--port") { DefaultValueFactory = _ => SimulateCommand.GatewayPort };

    public static Command Create()
    {
        var command = new Command("sink", "Acknowledge everything that load devices send, and nothing else.") { Port };
        command.Hidden = true;
        command.SetAction(async (arguments, cancellation) =>
        {
            using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, arguments.GetValue(Port)));
            server.Start();
            Console.WriteLine($"acknowledging on {server.Address}; process {Environment.ProcessId}");
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            catch (OperationCanceledException)
            {
                Console.WriteLine($"{server.Received} datagrams");
            }
        });
        return command;
    }
}
