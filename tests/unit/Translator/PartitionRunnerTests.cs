using Contracts;
using Google.Protobuf;
using Messaging;
using Microsoft.Extensions.Time.Testing;
using Translator.Operations;
using Translator.Partitions;

namespace Pipeline.Tests.Translator;

/// <summary>Order of writes and of "done", with a Kafka that takes, refuses and fails as the test says.</summary>
public sealed class PartitionRunnerTests : IDisposable
{
    private static readonly Topics Topics = new("t");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Given.Now));
    private readonly List<(LogAppend Append, IAppendSink Sink, long Cookie)> _handed = [];
    private readonly List<long> _done = [];
    private readonly Queue<TaskCompletionSource<bool>> _catchUps = new();
    private readonly SemaphoreSlim _asked = new(0);
    private readonly PartitionRunner _runner;
    private AppendStatus _status = AppendStatus.Handed;
    private string _tooLarge = "";

    public PartitionRunnerTests()
    {
        var decisions = new TranslatorPartition(0, 1, Topics, () => Given.Rules, new SlotDirectory(), Given.Telemetry, new OperationLimits());
        _runner = new PartitionRunner(Topics, decisions, CatchUp, TryAppend, record => _done.Add(record.Offset), Given.Telemetry, _time);
        _runner.Release();
    }

    public void Dispose()
    {
        _runner.Dispose();
        _asked.Dispose();
    }

    [Fact]
    public void A_record_is_done_when_its_last_step_is_acknowledged_and_steps_wait_for_each_other()
    {
        _runner.Handle(Outcome(7));
        Assert.Equal(["t.events"], Written);
        Acknowledge(0);
        Assert.Equal(["t.events", "t.operations"], Written);
        Assert.Empty(_done);
        Acknowledge(1);
        Assert.Equal([7], _done);
    }

    [Fact]
    public void A_record_that_leads_to_nothing_is_done_at_once()
    {
        _runner.Handle(Outcome(7));
        _runner.Handle(Outcome(8));
        Assert.Equal([8], _done);
    }

    [Theory]
    [InlineData(AppendStatus.QueueFull)]
    [InlineData(AppendStatus.BrokersAway)]
    public void What_Kafka_does_not_take_is_offered_again_in_order(AppendStatus status)
    {
        _status = status;
        _runner.Handle(Notification(1));
        _runner.Handle(Notification(2));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(_handed);
        _status = AppendStatus.Handed;
        _runner.Handle(Notification(3));
        Assert.Empty(_handed);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal([1, 2, 3], _handed.Select(handed => NumberOf(handed.Append)));
    }

    [Fact]
    public void What_was_not_delivered_is_written_again()
    {
        _runner.Handle(Notification(1));
        _handed[0].Sink.Appended(_handed[0].Cookie, 0, -1, succeeded: false);
        Assert.Single(_handed);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal([1, 1], _handed.Select(handed => NumberOf(handed.Append)));
        Assert.Empty(_done);
        Acknowledge(1);
        Assert.Equal([1], _done);
    }

    [Fact]
    public void What_is_too_large_for_Kafka_is_kept_as_a_dead_letter()
    {
        _tooLarge = Topics.Events;
        _runner.Handle(Notification(1));
        Assert.Equal(["t.deadletters"], Written);
        Assert.Equal(Notification(1).Value, _handed[0].Append.Value);
        Acknowledge(0);
        Assert.Equal([1], _done);
    }

    [Fact]
    public void A_partition_that_was_given_up_writes_nothing_more()
    {
        _runner.Handle(Outcome(7));
        _runner.Dispose();
        Acknowledge(0);
        _runner.Handle(Outcome(8));
        _runner.Tick();
        Assert.Equal(["t.events"], Written);
        Assert.Empty(_done);
    }

    [Fact]
    public async Task Commands_wait_in_order_for_the_end_of_registrations()
    {
        _runner.Handle(Command(1, "ghost"));
        _runner.Handle(Command(2, "ghost"));
        await _asked.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Empty(_handed);

        // The second came after the question: it is asked again for it.
        Answer(true);
        await _asked.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["t.uplink"], Written);
        Answer(false);
        await _asked.WaitAsync(TestContext.Current.CancellationToken);
        _runner.Fold(Given.Record(Topics.Registrations, "ghost", Given.Registration(endpoint: "ghost").ToJson()));
        Answer(true);
        await Task.Run(() => SpinWait.SpinUntil(() => Written.Count == 2, TimeSpan.FromSeconds(10)), TestContext.Current.CancellationToken);
        Assert.Equal(["t.uplink", "t.operations"], Written);
    }

    [Fact]
    public void A_command_for_a_known_device_does_not_wait()
    {
        _runner.Fold(Given.Record(Topics.Registrations, "e1", Given.Registration().ToJson()));
        _runner.Handle(Command(1, "e1"));
        Assert.Equal(["t.operations"], Written);
        Acknowledge(0);
        Acknowledge(1);
        Assert.Equal((1, 1L), (_runner.OpenCount, _done.Single()));
        _time.Advance(TimeSpan.FromHours(3));
        _runner.Tick();
        Assert.Equal(["t.operations", "t.downlink", "t.uplink"], Written);
    }

    private List<string> Written
    {
        get
        {
            lock (_handed)
            {
                return [.. _handed.Select(handed => handed.Append.Topic)];
            }
        }
    }

    private AppendStatus TryAppend(LogAppend append, IAppendSink sink, long cookie)
    {
        if (append.Topic == _tooLarge)
        {
            return AppendStatus.TooLarge;
        }

        if (_status == AppendStatus.Handed)
        {
            lock (_handed)
            {
                _handed.Add((append, sink, cookie));
            }
        }

        return _status;
    }

    private Task<bool> CatchUp()
    {
        var asked = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _catchUps.Enqueue(asked);
        _asked.Release();
        return asked.Task;
    }

    private void Answer(bool caughtUp) => _catchUps.Dequeue().SetResult(caughtUp);

    private void Acknowledge(int index) => _handed[index].Sink.Appended(_handed[index].Cookie, 0, index, succeeded: true);

    private static int NumberOf(LogAppend append) =>
        int.Parse(Given.Text(append.Value!).Split("seqNum\":")[1].TrimEnd('}'), System.Globalization.CultureInfo.InvariantCulture);

    private static LogRecord Notification(uint number) => Uplink(number, Given.Uplink(EventKind.Notified, uplink => (uplink.Observe, uplink.Code) = (number, 0x84)));

    private static LogRecord Outcome(long offset) => Uplink(offset, Given.Answer("""{"msgType":"read","data":{"path":"/3"}}""", 0x84));

    private static LogRecord Uplink(long offset, UplinkEvent uplink) => Given.Record(Topics.Uplink, "e1", uplink.ToByteArray(), offset);

    private static LogRecord Command(long offset, string endpoint) =>
        Given.Record(Topics.Commands, endpoint, Given.Bytes("""{"msgType":"read","data":{"path":"/3"}}"""), offset);
}
