using System.CommandLine;
using Tools.Commands;

return await new RootCommand("Tools for the LwM2M gateway: simulated devices, load, and a decoder of what is on the wire.")
{
    SimulateCommand.Create(),
    LoadCommand.Create(),
    SinkCommand.Create(),
}.Parse(args).InvokeAsync();
