using System.CommandLine;
using Tools.Commands;

namespace Tools;

/// <summary>The whole command line.</summary>
static class ToolCommands
{
    public static RootCommand Create()
    {
        var root = new RootCommand("""
            Tools for the LwM2M gateway: simulated devices, load, a decoder of what is on the wire, yesterday's traffic, and the fleet of Ingress replicas.

            Examples:
              lwm2m simulate --devices 100
              lwm2m load --rate 2000 --duration 20s
              lwm2m tail -k localhost:9092
              source <(lwm2m completion bash)

            Exit codes of all commands: 0 good; 1 a finding: something differs, is lost, late or faulty; 2 wrong use, or something is not to be had.
            """)
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
            CredentialsCommand.Create(),
            TopicsCommand.Create(),
            ReadyCommand.Create(),
            SinkCommand.Create(),
            CompletionCommand.Create(),
        };
        root.Add(CompletionCommand.CreateAsked(root));
        return root;
    }
}
