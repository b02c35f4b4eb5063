using Contracts;
using Google.Protobuf;
using Messaging;
using Translator.Operations;
using Translator.Partitions;

namespace Pipeline.Tests.Translator;

/// <summary>
/// The Translator on logs in memory, killed between any two writes and started again from what is committed, with several records under way,
/// beside an Ingress that answers, answers twice, or never. Whatever happens, each command has one outcome, the first in the uplink log.
/// </summary>
public sealed class CrashTests
{
    [Fact]
    public void Each_command_has_one_outcome_and_nothing_stays_open()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            new World(seed).Run();
        }
    }

    private sealed class World(int seed)
    {
        private const int Commands = 6;
        private static readonly Topics Topics = new("t");
        private readonly Random _random = new(seed);
        private readonly SlotDirectory _slots = new();
        private readonly Dictionary<string, List<LogRecord>> _logs = new[]
        {
            Topics.Commands, Topics.Uplink, Topics.Operations, Topics.Events, Topics.Downlink, Topics.DeadLetters,
        }.ToDictionary(topic => topic, _ => new List<LogRecord>());
        private readonly Dictionary<string, long> _committed = new() { [Topics.Commands] = 0, [Topics.Uplink] = 0 };
        private readonly HashSet<string> _answered = [];
        private Life _life = null!;
        private long _now = Given.Now;

        public void Run()
        {
            for (var i = 0; i < Commands; i++)
            {
                var json = i % 3 == 2 ? """{"msgType":"fly"}""" : """{"msgType":"read","data":{"path":"/3/0/0"}}""";
                Write(new LogAppend(Topics.Commands, 0, Given.Bytes("e1"), Given.Bytes(json)));
            }

            _life = Start();
            for (var step = 0; step < 400; step++)
            {
                Step(mayCrash: true);
            }

            // Long after the last deadline, with nobody dying any more, all comes to its end.
            for (var round = 0; round < 2000 && !IsOver; round++)
            {
                _now = Given.Now + 10_000_000;
                Step(mayCrash: false);
            }

            Check();
        }

        private bool IsOver => _life.Idle && _life.Book.OpenCount == 0 && _life.Next.All(next => next.Value == _logs[next.Key].Count);

        private void Step(bool mayCrash)
        {
            switch (_random.Next(10))
            {
                case 0 or 1 or 2:
                    _life.Take(Topics.Commands);
                    break;
                case 3 or 4:
                    _life.Take(Topics.Uplink);
                    break;
                case 5:
                    Answer();
                    break;
                case 6:
                    _life.Carry(_life.Decisions.Tick(_now));
                    break;
                case 7 when mayCrash && _random.Next(4) == 0:
                    _life = Start();
                    break;
                default:
                    _life.Progress();
                    break;
            }
        }

        // One in four operations is never answered; some are answered twice, with another outcome.
        private void Answer()
        {
            foreach (var record in _logs[Topics.Downlink])
            {
                var operation = DownlinkOperation.Parser.ParseFrom(record.Value);
                if (_answered.Add(operation.Command.CommandId) && _random.Next(4) > 0)
                {
                    Tell(operation, Outcome.Answered);
                    if (_random.Next(3) == 0)
                    {
                        Tell(operation, Outcome.TimedOut);
                    }

                    return;
                }
            }
        }

        private void Tell(DownlinkOperation operation, Outcome outcome)
        {
            var id = EventId.OfOutcome(operation.Command.CommandId);
            var uplink = Given.Uplink(EventKind.Outcome, uplink =>
                (uplink.IdHigh, uplink.IdLow, uplink.Outcome, uplink.Code, uplink.Command) = (id.High, id.Low, outcome, 0x84, operation.Command));
            Write(new LogAppend(Topics.Uplink, 0, Given.Bytes("e1"), uplink.ToByteArray()));
        }

        private Life Start()
        {
            var life = new Life(this);
            life.Decisions.FoldRegistration(Given.Record("r", "e1", Given.Registration().ToJson()));
            foreach (var record in _logs[Topics.Operations])
            {
                life.Decisions.FoldOperation(record);
            }

            life.Carry(life.Decisions.Release() is { } handed ? [handed] : []);
            return life;
        }

        private void Write(LogAppend append) => _logs[append.Topic].Add(new LogRecord(
            append.Topic, append.Partition, _logs[append.Topic].Count, append.Key, append.Value, append.Headers ?? [], _now));

        private void Check()
        {
            Assert.True(IsOver, $"seed {seed}: it does not come to an end");
            Assert.Empty(_logs[Topics.DeadLetters]);
            var events = _logs[Topics.Events].GroupBy(record => Given.Text(record.Headers.Single(header => header.Name == EventHeaders.Id).Value)).ToList();
            Assert.Equal(Commands, events.Count);
            Assert.All(events, same => Assert.Single(same.Select(record => Given.Text(record.Value!)).Distinct()));
            foreach (var told in _logs[Topics.Uplink].Select(record => UplinkEvent.Parser.ParseFrom(record.Value)).GroupBy(uplink => uplink.Command.CommandId))
            {
                var first = global::Translator.Uplink.UplinkPipeline.Translate(told.First(), Given.Rules).Single();
                Assert.Equal(Given.Text(first.Json), Given.Text(events.Single(same => same.Key == first.Id).First().Value!));
            }
        }

        /// <summary>One process, from its start to its death.</summary>
        private sealed class Life(World world)
        {
            private readonly List<(Work Work, Queue<LogAppend> Left)> _underWay = [];
            private readonly Dictionary<string, SortedSet<long>> _open = new() { [Topics.Commands] = [], [Topics.Uplink] = [] };

            public TranslatorPartition Decisions { get; } =
                new(0, 1, Topics, () => Given.Rules, world._slots, Given.Telemetry, new OperationLimits());

            public OperationBook Book => Decisions.Book;

            public Dictionary<string, long> Next { get; } = new(world._committed);

            public bool Idle => _underWay.Count == 0;

            public void Take(string topic)
            {
                if (Next[topic] == world._logs[topic].Count)
                {
                    return;
                }

                var record = world._logs[topic][(int)Next[topic]++];
                _open[topic].Add(record.Offset);
                Carry([topic == Topics.Uplink ? Decisions.Uplink(record, world._now) : Decisions.Command(record, world._now)]);
            }

            public void Carry(IEnumerable<Work> works)
            {
                foreach (var work in works)
                {
                    _underWay.Add((work, new Queue<LogAppend>(work.Steps.SelectMany(step => step))));
                }
            }

            // Works go on in any order among themselves, each in its own; offsets are committed behind what is done without a gap.
            public void Progress()
            {
                if (Idle)
                {
                    return;
                }

                var index = world._random.Next(_underWay.Count);
                var (work, left) = _underWay[index];
                if (left.TryDequeue(out var append))
                {
                    world.Write(append);
                    return;
                }

                _underWay.RemoveAt(index);
                if (work.Source is { } source)
                {
                    _open[source.Topic].Remove(source.Offset);
                    world._committed[source.Topic] = _open[source.Topic].Count > 0 ? _open[source.Topic].Min : Next[source.Topic];
                }
            }
        }
    }
}
