using Contracts;
using Pipeline.Tests.Translator;
using Translator;
using Translator.Downlink;
using Translator.Uplink;

namespace Pipeline.Tests.Fuzz;

public sealed class CommandFuzzTests
{
    private static readonly byte[][] Samples =
    [
        Given.Bytes("""{"reqID":1,"msgType":"read","data":{"path":"/3/0/0?a=1"}}"""),
        Given.Bytes("""{"msgType":"write","encoding":"hex","data":{"path":"/3/0/14","type":"String","value":"4142"}}"""),
        Given.Bytes("""{"msgType":"write","data":{"basePath":"/3/0/","content":[{"path":"13","type":"Integer","value":"12345"},{"path":"6/0","type":"Float","value":1e3}]}}"""),
        Given.Bytes("""{"msgType":"create","mheaders":{"ttl":0},"data":{"basePath":"/6","content":[{"path":"0/0","value":1.5}]}}"""),
        Given.Bytes("""{"msgType":"write-attr","data":{"path":"/3/0/9","pmin":1,"lt":"-1.5"},"\u00e9":"\ud83d\ude00"}"""),
        Given.Bytes("""{"msgType":"execute","data":{"path":"/3/0/4","args":"0='a'"},"x":[[[{}]]]}"""),
        Given.Bytes("""{"msgType":"cancel","data":{"command_id":"c"}}"""),
    ];

    /// <summary>Whatever stands in a command, it becomes an operation or a refusal, and the refusal becomes an event.</summary>
    [Fact]
    public void CommandTranslator_TakesAnyBytes()
    {
        var registration = Given.Registration();
        FuzzLoop.Run(
            input =>
            {
                var incoming = Given.Incoming("") with { Json = input.ToArray() };
                var verdict = CommandTranslator.Translate(incoming, registration, Given.Rules, Given.Now);
                var context = verdict.Operation?.Command ?? verdict.Refusal!.Command;
                if (context.Echo.Length > CommandEcho.MaxSize)
                    throw new InvalidOperationException("the echo is longer than it may be");
                var answer = verdict.Refusal ?? Given.Uplink(EventKind.Outcome, uplink => (uplink.Outcome, uplink.Command) = (Outcome.TimedOut, context));
                using var json = System.Text.Json.JsonDocument.Parse(UplinkPipeline.Translate(answer, Given.Rules).Single().Json);
            },
            Samples);
    }
}
