using Pipeline.Tests.Coap;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Pipeline.Tests.Fuzz;

public sealed class CoapFuzzTests
{
    [Fact]
    public void Frame_TakesAnyBytes() => Assert.True(FuzzLoop.Run(CoapChecks.AssertTotal, CoapSamples.All) > 0);

    /// <summary>Whatever a device answers, the exchange stays within its steps and ends in time.</summary>
    [Fact]
    public void RequestExchange_TakesAnyMessage()
    {
        var random = new Random(1);
        var exchange = Start(random);
        FuzzLoop.Run(
            input =>
            {
                if (CoapFrame.TryParse(input, out var frame) != CoapParseError.None)
                    return;
                var step = exchange.OnMessage(0, frame);
                if (step is ExchangeStep.Retransmit or ExchangeStep.TimedOut)
                    throw new InvalidOperationException($"{step} is not due to a message");
                if (exchange.NextDeadline == long.MaxValue)
                    exchange = Start(random);
                else if (exchange.NextDeadline > TransmissionParameters.Standard.MaxTransmitWait)
                    throw new InvalidOperationException("later than it may be");
            },
            CoapSamples.All);
    }

    /// <summary>Whatever blocks come, bodies stay within their bounds, and one that is whole is no longer than it may be.</summary>
    [Fact]
    public void RequestBodies_TakeAnyBlocks()
    {
        const int MostBytes = 4096;
        var limits = new BlockwiseLimits(64, 1000, 100);
        var bodies = new RequestBodies<int>(8, MostBytes);
        var now = 0L;
        FuzzLoop.Run(
            input =>
            {
                if (CoapFrame.TryParse(input, out var frame) != CoapParseError.None || !frame.Code.IsRequest || frame.Block1 is null)
                    return;
                bodies.Take(now++, frame.MessageId % 4, frame, limits, out var body);
                if (body.Length > limits.MaxBodySize || bodies.Count > 8 || bodies.Bytes > MostBytes)
                    throw new InvalidOperationException($"{body.Length} bytes, {bodies.Count} bodies of {bodies.Bytes} bytes");
            },
            [.. CoapSamples.All, .. CoapSamples.Blocks]);
    }

    /// <summary>Whatever a device answers, a request in blocks ends, and asks for nothing that does not exist.</summary>
    [Fact]
    public void BlockwiseExchange_TakesAnyResponses()
    {
        var limits = new BlockwiseLimits(64, 1000, 100);
        var exchange = new BlockwiseExchange(new byte[200], limits, mayBeRepeated: true);
        FuzzLoop.Run(
            input =>
            {
                if (CoapFrame.TryParse(input, out var frame) != CoapParseError.None || !frame.Code.IsResponse)
                    return;
                var step = exchange.OnResponse(frame);
                if (exchange.Body?.Length > limits.MaxBodySize || exchange.Next.Payload.Length > 64 || exchange.Sent >= 200)
                    throw new InvalidOperationException($"{step}, {exchange.Body?.Length}, {exchange.Next}");
                if (step != BlockwiseStep.SendNext)
                    exchange = new BlockwiseExchange(new byte[200], limits, mayBeRepeated: true);
            },
            CoapSamples.Blocks);
    }

    static RequestExchange Start(Random random) =>
        new(0, random, TransmissionParameters.Standard, 0x7d34, default);
}
