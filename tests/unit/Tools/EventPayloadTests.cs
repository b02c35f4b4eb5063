using Tools.Load;

namespace Pipeline.Tests.Tools;

public sealed class EventPayloadTests
{
    const string Notify =
        """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3303/0/5700","value":17.0}],"reqPath":"/3303/0"},"msgType":"notify","reqID":3,"seqNum":9}""";

    static ReadOnlySpan<byte> Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    [Fact]
    public void Finds_what_it_looks_for()
    {
        Assert.True(EventPayload.IsOfType(Utf8(Notify), "notify"u8));
        Assert.False(EventPayload.IsOfType(Utf8(Notify), "not"u8));
        Assert.True(EventPayload.TryGetValue(Utf8(Notify), out var value));
        Assert.Equal(17, value);
        Assert.True(EventPayload.TryGetRequestId(Utf8(Notify), out var id));
        Assert.Equal(3, id);
        Assert.True(EventPayload.CodeOf(Utf8(Notify)).SequenceEqual("2.05"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"msgType\":\"")]
    [InlineData("{\"value\":")]
    [InlineData("{\"value\":\"text\",\"code\":\"")]
    [InlineData("{\"reqID\":\"x\"}")]
    public void Cut_off_or_other_payloads_are_not_found(string json)
    {
        Assert.False(EventPayload.IsOfType(Utf8(json), "notify"u8));
        Assert.False(EventPayload.TryGetValue(Utf8(json), out _));
        Assert.False(EventPayload.TryGetRequestId(Utf8(json), out _));
        Assert.True(EventPayload.CodeOf(Utf8(json)).IsEmpty);
    }
}
