using System.CommandLine;
using System.Net.Sockets;
using Hosting;
using Messaging;
using MQTTnet.Exceptions;
using Tools.Commands;

const int Faulty = 1;
const int Unreachable = 2;

var root = new RootCommand("Tools for the LwM2M gateway: simulated devices, load, a decoder of what is on the wire, and the fleet of Ingress replicas.")
{
    SimulateCommand.Create(),
    LoadCommand.Create(),
    DecodeCommand.Create(),
    TailCommand.Create(),
    StoryCommand.Create(),
    ReplayCommand.Create(),
    DiffCommand.Create(),
    TestCommand.Create(),
    PcapCommand.Create(),
    IngressCommand.Create(),
    SinkCommand.Create(),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        // Devices de-register after Ctrl-C.
        ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
    });
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("stopped before the end");
    return Faulty;
}
catch (ConfigurationException exception)
{
    Console.Error.WriteLine(exception.Message);
    return Unreachable;
}
catch (Exception exception) when (exception is SocketException or MqttCommunicationException or IOException or UnauthorizedAccessException or TopicMismatchException)
{
    Console.Error.WriteLine(exception.Message);
    return Unreachable;
}
