using CsCheck;
using Dashboard.Events;
using Messaging;

namespace Pipeline.Tests.Dashboard;

public sealed class EventStreamTests
{
    static readonly EventFilter All = new(null, null);

    [Fact]
    public void A_reader_that_is_too_slow_is_cut_off_and_the_others_go_on()
    {
        var hub = new EventHub(1);
        using var slow = new EventBuffer();
        using var quick = new EventBuffer();
        hub.Add(All, slow);
        hub.Add(All, quick);
        for (var i = 0; i <= EventBuffer.MostEvents; i++)
        {
            hub.Tell(Record(i), "notify");
            Assert.True(quick.Reader.TryRead(out var record));
            quick.Taken(record);
            Assert.Equal(i, record.Offset);
        }

        Assert.True(slow.Cut.IsCancellationRequested);
        Assert.False(quick.Cut.IsCancellationRequested);
        Assert.Equal(1, hub.Count);
    }

    [Fact]
    public void Bytes_are_bounded_too_and_one_event_always_has_room()
    {
        using var buffer = new EventBuffer();
        Assert.True(buffer.TryPut(Record(0, 5 * 1024 * 1024), TimeSpan.Zero));
        Assert.False(buffer.TryPut(Record(1, 1), TimeSpan.Zero));
        Assert.False(buffer.TryPut(Record(2, 1), TimeSpan.Zero));
    }

    [Fact]
    public async Task A_writer_with_patience_waits_for_room()
    {
        using var buffer = new EventBuffer();
        for (var i = 0; i < EventBuffer.MostEvents; i++)
            Assert.True(buffer.TryPut(Record(i), TimeSpan.Zero));
        var waiting = Task.Factory.StartNew(
            () => buffer.TryPut(Record(9999), TimeSpan.FromSeconds(30)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(buffer.Reader.TryRead(out var first));
        buffer.Taken(first);
        Assert.True(await waiting);
    }

    [Fact]
    public async Task A_writer_that_waits_for_a_reader_who_has_gone_goes_on()
    {
        using var buffer = new EventBuffer();
        for (var i = 0; i < EventBuffer.MostEvents; i++)
            buffer.TryPut(Record(i), TimeSpan.Zero);
        var waiting = Task.Factory.StartNew(
            () => buffer.TryPut(Record(9999), TimeSpan.FromMinutes(10)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        buffer.Close();
        Assert.False(await waiting);
    }

    [Fact]
    public void The_filter_looks_at_device_and_type()
    {
        var filter = new EventFilter("e"u8.ToArray(), new HashSet<string> { "notify" });
        Assert.True(filter.Takes(Record(0), "notify"));
        Assert.False(filter.Takes(Record(0), "response"));
        Assert.False(filter.Takes(Record(0) with { Key = "f"u8.ToArray() }, "notify"));
    }

    [Fact]
    public void A_new_stream_knows_where_it_begins()
    {
        var hub = new EventHub(3);
        hub.Begin(0, 10);
        hub.Begin(1, 0);
        hub.Tell(Record(12), "notify");
        using var buffer = new EventBuffer();
        Assert.Equal("0/12", EventPosition.Print(hub.Add(All, buffer)));
    }

    [Fact]
    public void What_is_printed_is_read() =>
        Gen.Long[-1, long.MaxValue - 1].Array[1, 30].Where(offsets => offsets.Any(o => o >= 0)).Sample(offsets =>
        {
            Assert.True(EventPosition.TryParse(EventPosition.Print(offsets), offsets.Length, out var read));
            return offsets.Index().All(o => read.GetValueOrDefault(o.Index, -1) == o.Item);
        });

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("/1")]
    [InlineData("0/")]
    [InlineData("0/-1")]
    [InlineData("2/0")]
    [InlineData("0/1,0/2")]
    [InlineData("0/1,")]
    [InlineData("0/9223372036854775807")]
    [InlineData("0/99999999999999999999")]
    public void What_is_no_position_is_refused(string text) => Assert.False(EventPosition.TryParse(text, 2, out _));

    [Fact]
    public void Any_text_is_read_or_refused() => Gen.String.Sample(text => EventPosition.TryParse(text, 4, out _) || true);

    [Theory]
    [InlineData("""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":{"code":1}}],"reqPath":"/3/0/0"},"msgType":"read"}""", "read", "/3/0/0")]
    [InlineData("""{"cacheID":[{"data":{}}],"data":{"reqPath":"/3","code":"4.04"},"msgType":"notify","seqNum":3}""", "notify", "/3")]
    [InlineData("""{"data":{"code":"2.05","reqPaths":["/3/0/0","1/0/"]},"msgType":"read-composite"}""", "read-composite", "[/1/0,/3/0/0]")]
    [InlineData("""{"data":{"code":"4.00","reqPaths":["/3/0/0",{"x":[1]}]},"msgType":"read-composite"}""", null, null)]
    [InlineData("""{"data":{"code":"4.00","reqPaths":[]},"msgType":"read-composite"}""", null, null)]
    [InlineData("""{"data":{"code":"4.00","reqPaths":"/3"},"msgType":"read-composite"}""", null, null)]
    [InlineData("""{"data":{"path":"/3/0/0"},"msgType":"coap_timeout"}""", null, null)]
    [InlineData("""{"data":{"code":"4.00","reqPath":null},"msgType":"unknown"}""", null, null)]
    [InlineData("""{"data":[1],"msgType":"read"}""", null, null)]
    [InlineData("""{"data":{"code":"2.05""", null, null)]
    [InlineData("[]", null, null)]
    [InlineData("", null, null)]
    public void What_an_event_is_about_is_read(string json, string? msgType, string? path)
    {
        Assert.Equal(msgType is not null, EventSubject.TryRead(System.Text.Encoding.UTF8.GetBytes(json), out var subject));
        if (msgType is not null)
            Assert.Equal(new EventSubject(msgType, path!), subject);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused() => Gen.Byte.Array.Sample(bytes => EventSubject.TryRead(bytes, out _) || true);

    static LogRecord Record(long offset, int size = 10) => new("lwm2m.events", 0, offset, "e"u8.ToArray(), new byte[size], [], 0);
}
