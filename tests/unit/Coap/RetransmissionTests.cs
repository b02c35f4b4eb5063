using CsCheck;
using Protocol.Coap;

namespace Pipeline.Tests.Coap;

public sealed class RetransmissionTests
{
    [Fact]
    public void Standard_HasTheDerivedValuesOfTheSpecification()
    {
        var standard = TransmissionParameters.Standard;
        Assert.Equal(45_000, standard.MaxTransmitSpan);
        Assert.Equal(93_000, standard.MaxTransmitWait);
        Assert.Equal(202_000, standard.MaxRtt);
        Assert.Equal(247_000, standard.ExchangeLifetime);
        Assert.Equal(145_000, standard.NonLifetime);
    }

    [Fact]
    public void Timeouts_StartInTheirRange_DoubleAndEnd() => Gen.Select(Gen.Int, Gen.Long[0, 1L << 50]).Sample((seed, start) =>
    {
        var retransmission = new Retransmission(start, new Random(seed), TransmissionParameters.Standard);
        var first = retransmission.NextDeadline - start;
        Assert.InRange(first, 2_000, 3_000);

        var now = start;
        for (var n = 0; n < 4; n++)
        {
            Assert.Equal(first << n, retransmission.NextDeadline - now);
            Assert.Equal(RetransmissionStep.Wait, retransmission.OnTimeout(retransmission.NextDeadline - 1));
            now = retransmission.NextDeadline;
            Assert.Equal(RetransmissionStep.Retransmit, retransmission.OnTimeout(now));
            Assert.Equal(n + 1, retransmission.Count);
        }

        Assert.Equal(RetransmissionStep.GiveUp, retransmission.OnTimeout(retransmission.NextDeadline));
        Assert.Equal(first * 31, retransmission.NextDeadline - start);
        Assert.True(retransmission.NextDeadline - start <= TransmissionParameters.Standard.MaxTransmitWait);
    });

    [Fact]
    public void LateTimer_RetransmitsOnce()
    {
        var retransmission = new Retransmission(0, new Random(1), TransmissionParameters.Standard);
        Assert.Equal(RetransmissionStep.Retransmit, retransmission.OnTimeout(60_000));
        Assert.Equal(RetransmissionStep.Wait, retransmission.OnTimeout(60_001));
        Assert.True(retransmission.NextDeadline >= 64_000);
    }
}
