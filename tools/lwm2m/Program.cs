using System.CommandLine;
using System.Net.Sockets;
using Hosting;
using Messaging;
using MQTTnet.Exceptions;
using Tools;

const int Faulty = 1;
const int Unusable = 2;

var root = ToolCommands.Create();
try
{
    var parsed = root.Parse(args);
    var code = await parsed.InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        // Devices de-register after Ctrl-C.
        ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
    });
    return parsed.Errors.Count > 0 ? Unusable : code;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("stopped before the end");
    return Faulty;
}
catch (ConfigurationException exception)
{
    Console.Error.WriteLine(exception.Message);
    return Unusable;
}
catch (Exception exception) when (exception is SocketException or MqttCommunicationException or IOException or UnauthorizedAccessException or TopicMismatchException)
{
    Console.Error.WriteLine(exception.Message);
    return Unusable;
}
