using Pipeline.Tests.Coap;
using Protocol.Coap;

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

    static RequestExchange Start(Random random) =>
        new(0, random, TransmissionParameters.Standard, 0x7d34, default);
}
