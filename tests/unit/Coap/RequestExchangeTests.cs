using Protocol.Coap;

namespace Pipeline.Tests.Coap;

public sealed class RequestExchangeTests
{
    const ushort Id = 0x7d38;
    static readonly byte[] Token = [0x53];

    [Fact]
    public void Piggybacked_response_completes()
    {
        var exchange = Start();
        Assert.Equal(ExchangeStep.Completed, Receive(exchange, CoapType.Acknowledgement, CoapCode.Content, Id, Token));
        AssertOver(exchange);
    }

    /// <summary>RFC 7252 figure 5 with its message ids: acknowledgement, then a response of its own.</summary>
    [Fact]
    public void Separate_confirmable_response_completes_and_wants_an_acknowledgement()
    {
        var exchange = Start();
        Assert.Equal(ExchangeStep.Acknowledged, Receive(exchange, CoapType.Acknowledgement, CoapCode.Empty, Id, []));
        Assert.True(exchange.IsAcknowledged);
        Assert.Equal(ExchangeStep.Ignore, Receive(exchange, CoapType.Acknowledgement, CoapCode.Empty, Id, []));
        Assert.Equal(ExchangeStep.CompletedConfirmable, Receive(exchange, CoapType.Confirmable, CoapCode.Content, 0xad7b, Token));
        AssertOver(exchange);
    }

    [Fact]
    public void Separate_response_stands_for_a_lost_acknowledgement()
    {
        Assert.Equal(ExchangeStep.Completed, Receive(Start(), CoapType.NonConfirmable, CoapCode.NotFound, 9, Token));
        Assert.Equal(ExchangeStep.CompletedConfirmable, Receive(Start(), CoapType.Confirmable, CoapCode.Content, Id, Token));
    }

    [Fact]
    public void Reset_of_this_message_ends_it()
    {
        var exchange = Start();
        Assert.Equal(ExchangeStep.Ignore, Receive(exchange, CoapType.Reset, CoapCode.Empty, Id + 1, []));
        Assert.Equal(ExchangeStep.Reset, Receive(exchange, CoapType.Reset, CoapCode.Empty, Id, []));
        AssertOver(exchange);
    }

    [Theory]
    [InlineData(CoapType.Acknowledgement, CoapCode.Content, Id + 1, "53")]
    [InlineData(CoapType.Acknowledgement, CoapCode.Content, Id, "54")]
    [InlineData(CoapType.Acknowledgement, CoapCode.Content, Id, "")]
    [InlineData(CoapType.Acknowledgement, CoapCode.Empty, Id + 1, "")]
    [InlineData(CoapType.Confirmable, CoapCode.Content, Id, "5300")]
    [InlineData(CoapType.NonConfirmable, CoapCode.Content, Id, "")]
    [InlineData(CoapType.Confirmable, CoapCode.Post, Id, "53")]
    [InlineData(CoapType.Confirmable, CoapCode.Empty, Id, "")]
    public void What_does_not_match_is_ignored(CoapType type, CoapCode code, int messageId, string token)
    {
        var exchange = Start();
        Assert.Equal(ExchangeStep.Ignore, Receive(exchange, type, code, (ushort)messageId, Convert.FromHexString(token)));
        Assert.False(exchange.IsAcknowledged);
        Assert.NotEqual(long.MaxValue, exchange.NextDeadline);
    }

    [Fact]
    public void Empty_token_matches_only_an_empty_token()
    {
        var exchange = new RequestExchange(0, new Random(1), TransmissionParameters.Standard, Id, default);
        Assert.Equal(ExchangeStep.Ignore, Receive(exchange, CoapType.Acknowledgement, CoapCode.Content, Id, [0]));
        Assert.Equal(ExchangeStep.Completed, Receive(exchange, CoapType.Acknowledgement, CoapCode.Content, Id, []));
    }

    [Fact]
    public void Notification_is_not_the_response_to_the_request_that_cancels_it()
    {
        var token = new CoapToken(Token);
        var exchange = new RequestExchange(0, new Random(1), TransmissionParameters.Standard, Id, token, cancelsObservation: true);
        Assert.Equal(ExchangeStep.Ignore, Receive(exchange, CoapType.Confirmable, CoapCode.Content, 9, Token, observe: 12));
        Assert.Equal(ExchangeStep.CompletedConfirmable, Receive(exchange, CoapType.Confirmable, CoapCode.Content, 10, Token));
    }

    [Fact]
    public void Silence_is_four_retransmissions_and_the_end()
    {
        var exchange = Start();
        var now = 0L;
        for (var n = 1; n <= 4; n++)
        {
            Assert.Equal(ExchangeStep.Ignore, exchange.OnTimeout(exchange.NextDeadline - 1));
            now = exchange.NextDeadline;
            Assert.Equal(ExchangeStep.Retransmit, exchange.OnTimeout(now));
            Assert.Equal(n, exchange.Retransmissions);
        }

        now = exchange.NextDeadline;
        Assert.InRange(now, 62_000, 93_000);
        Assert.Equal(ExchangeStep.TimedOut, exchange.OnTimeout(now));
        Assert.False(exchange.IsAcknowledged);
        AssertOver(exchange);
    }

    [Fact]
    public void Acknowledged_request_is_not_retransmitted_but_times_out()
    {
        var exchange = Start();
        Assert.Equal(ExchangeStep.Acknowledged, Receive(exchange, CoapType.Acknowledgement, CoapCode.Empty, Id, [], now: 1_000));
        Assert.Equal(94_000, exchange.NextDeadline);
        Assert.Equal(ExchangeStep.Ignore, exchange.OnTimeout(93_999));
        Assert.Equal(ExchangeStep.TimedOut, exchange.OnTimeout(94_000));
        Assert.True(exchange.IsAcknowledged);
        AssertOver(exchange);
    }

    static RequestExchange Start() => new(0, new Random(1), TransmissionParameters.Standard, Id, new CoapToken(Token));

    static ExchangeStep Receive(
        RequestExchange exchange, CoapType type, CoapCode code, ushort messageId, byte[] token, uint? observe = null, long now = 0)
    {
        var buffer = new byte[64];
        var writer = new CoapWriter(buffer, type, code, messageId, token);
        if (observe is { } sequence)
            writer.AddOption(CoapOptionNumber.Observe, sequence);
        Assert.True(writer.TryFinish(out var length));
        return exchange.OnMessage(now, CoapSamples.Parse(buffer.AsSpan(0, length)));
    }

    static void AssertOver(RequestExchange exchange)
    {
        Assert.Equal(long.MaxValue, exchange.NextDeadline);
        Assert.Equal(ExchangeStep.Ignore, exchange.OnTimeout(1L << 40));
        Assert.Equal(ExchangeStep.Ignore, Receive(exchange, CoapType.Acknowledgement, CoapCode.Content, Id, Token));
    }
}
