using System.CommandLine;
using System.Net;
using System.Text.Json;
using Tools.Load;
using Tools.Output;

namespace Tools.Commands;

/// <summary><c>lwm2m sink</c>: what <c>lwm2m load</c> and <c>lwm2m simulate</c> can be tried against.</summary>
static class SinkCommand
{
    static readonly Option<int> Port = new("--port") { Description = "UDP port on loopback.", DefaultValueFactory = _ => SimulateCommand.GatewayPort };

    static readonly Option<bool> AsJson = new("--json") { Description = "One line of JSON at the start, and one at the end." };

    public static Command Create()
    {
        var command = new Command("sink", """
            The least that looks like a gateway: accept every Register, observe /3303/0/5700, acknowledge everything, forget all.

            Examples:
              lwm2m sink &
              lwm2m simulate docs/scenarios/large.conf
              lwm2m load --closed --devices 64

            Exit code: 0 at Ctrl-C, 2 the port is not to be had.
            """)
        {
            Port, AsJson,
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, arguments.GetValue(Port)));
            server.Start();
            var json = arguments.GetValue(AsJson);
            Console.WriteLine(json
                ? JsonSerializer.Serialize(new { Address = server.Address.ToString(), Process = Environment.ProcessId }, OutputJson.Line)
                : $"acknowledging on {server.Address}; process {Environment.ProcessId}");
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            catch (OperationCanceledException)
            {
                Console.WriteLine(json ? JsonSerializer.Serialize(new { Datagrams = server.Received }, OutputJson.Line) : $"{server.Received} datagrams");
            }
        });
        return command;
    }
}
