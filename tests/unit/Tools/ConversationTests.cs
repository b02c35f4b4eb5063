using Contracts;
using Tools.Stories;

namespace Pipeline.Tests.Tools;

/// <summary>What a story makes of recorded datagrams.</summary>
public sealed class ConversationTests
{
    const ulong Begin = 1_700_000_000_000_000_000;

    readonly Conversation _conversation = new();

    [Fact]
    public void Who_said_what_in_a_few_words() => Assert.Equal(
        ["2023-11-14 22:13:20.000    > device    CON 0.01 Get, Read /3/0/0, #4660"], Tell(0, CaptureDirection.Transmitted, "44011234aabbccddb1330130" + "0130"));

    [Fact]
    public void A_repetition_is_one_and_an_answer_says_what_it_took()
    {
        const string Request = "44011234aabbccddb13301300130";
        Tell(0, CaptureDirection.Transmitted, Request);
        Assert.EndsWith("(repeated, 2 times by now, after 2500 ms)", Assert.Single(Tell(2_500_000_000, CaptureDirection.Transmitted, Request)), StringComparison.Ordinal);
        Assert.EndsWith("(repeated, 3 times by now, after 5000 ms)", Assert.Single(Tell(7_500_000_000, CaptureDirection.Transmitted, Request)), StringComparison.Ordinal);
        Assert.EndsWith("ACK 0.00 Empty, acknowledgement, nothing more, #4660  (answers after 7512.5 ms)",
            Assert.Single(Tell(7_512_500_000, CaptureDirection.Received, "60001234")), StringComparison.Ordinal);
        Assert.EndsWith("CON 2.05 Content, #7, 1 bytes  (answers after 8000 ms)",
            Assert.Single(Tell(8_000_000_000, CaptureDirection.Received, "44450007aabbccddff31")), StringComparison.Ordinal);
        // The next with that token is none.
        Assert.EndsWith("CON 2.05 Content, #8, 1 bytes", Assert.Single(Tell(8_100_000_000, CaptureDirection.Received, "44450008aabbccddff31")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_notification_is_no_answer_to_the_request_that_was_answered()
    {
        Tell(0, CaptureDirection.Transmitted, "44011234aabbccdd60513301300130");
        Assert.EndsWith("(answers after 10 ms)", Assert.Single(Tell(10_000_000, CaptureDirection.Received, "64451234aabbccdd6101ff31")), StringComparison.Ordinal);
        Assert.EndsWith("4 bytes", Assert.Single(Tell(5_000_000_000, CaptureDirection.Received, "44450007aabbccdd6102ff32322e35")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_recorded_is_said()
    {
        Tell(0, CaptureDirection.Received, "40000001", dropped: 2);
        Assert.Equal("        ... 3 datagrams were not recorded, perhaps of this device ...", Tell(1, CaptureDirection.Received, "40000002", dropped: 5)[0]);
        Assert.Single(Tell(2, CaptureDirection.Received, "40000003", dropped: 5));
    }

    [Fact]
    public void What_is_no_message_is_told_as_such() =>
        Assert.Contains("no CoAP message", Assert.Single(Tell(0, CaptureDirection.Received, "ff")), StringComparison.Ordinal);

    List<string> Tell(ulong after, CaptureDirection direction, string hex, ulong dropped = 0)
    {
        var captured = RecordExplanationTests.Captured(hex);
        (captured.CapturedNs, captured.Direction, captured.Dropped) = (Begin + after, direction, dropped);
        return [.. _conversation.Tell(captured)];
    }
}
