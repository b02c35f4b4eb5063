using Contracts;

namespace Pipeline.Tests.Delivery;

/// <summary>The stories that break commands where a rule is missing, one for each rule of the model.</summary>
public sealed class CommandStories
{
    static readonly TimeSpan Soon = TimeSpan.FromMinutes(5);
    static readonly string Sessions = Cluster.Topics.Sessions;

    readonly Stage _stage = new();

    public CommandStories() => _stage.Register();

    int Executions => _stage.Device.Executed.Values.Sum(messages => messages.Count);

    [Fact]
    public void Mark_first__an_execute_leaves_only_when_its_mark_has_been_read_back()
    {
        var owner = Command();
        Assert.Equal(0, _stage.World.Network.Down);
        _stage.Land(owner, Sessions);
        Stage.Report(owner, Sessions);
        Assert.Equal(0, _stage.World.Network.Down);
        Stage.Read(owner.Sessions);
        Assert.Equal(1, _stage.World.Network.Down);
        Ends(1, Outcome.Answered);
    }

    [Fact]
    public void Known_operation__a_process_that_finds_the_mark_of_another_says_unknown_and_sends_nothing()
    {
        var owner = Command();
        _stage.Write(owner);
        _stage.World.Network.DeliverDown(0);
        _stage.Restart(owner);
        _stage.World.Network.LoseUp(0);
        Ends(1, Outcome.Unknown);
    }

    [Fact]
    public void Numbered_marks__two_processes_of_a_slot_do_not_both_send()
    {
        var zombie = Command();
        var next = _stage.Pause(zombie);
        Stage.Read([.. _stage.Translator.Lives.Values.SelectMany(l => new[] { l.Operations, l.Registrations })]);
        Stage.Read([_stage.Translator.Instances]);
        // The paused one had handed its mark to Kafka; the new one is handed the operation too, and marks it as well.
        LandAll(_stage.Translator.Producer);
        Stage.Read([next.Downlink]);
        _stage.Land(zombie, Sessions);
        _stage.Land(next, Sessions);
        zombie.IsPaused = false;
        Stage.Report(zombie, Sessions);
        Stage.Read(zombie.Sessions);
        Stage.Read(next.Sessions);
        Ends(1);
    }

    [Fact]
    public void Hand_by_record__a_command_follows_its_device_to_another_replica_and_back()
    {
        _stage.At(0).IsPaused = true;
        _stage.World.Command(_stage.Device.Endpoint, """{"msgType":"read","data":{"path":"/3/0/9"}}""", Soon);
        _stage.Settle();
        _stage.Device.Move(1, changesAddress: false);
        _stage.Device.Update();
        _stage.Device.Treats = () => Device.Treatment.DoesNotAnswer;
        _stage.Settle();
        _stage.Device.Treats = () => Device.Treatment.Answers;
        _stage.World.Kill(_stage.At(1));
        _stage.At(0).IsPaused = false;
        _stage.Device.Move(0, changesAddress: false);
        _stage.Device.Update();
        _stage.Settle();
        Assert.Equal([Outcome.Answered], _stage.Outcomes);
        _stage.End();
    }

    [Fact]
    public void End_before_start__what_is_handed_to_a_slot_while_it_restarts_is_found_by_the_new_process()
    {
        var owner = _stage.At(0);
        _stage.World.Kill(owner);
        _stage.World.Command(_stage.Device.Endpoint, """{"msgType":"read","data":{"path":"/3/0/9"}}""", Soon);
        _stage.Settle();
        Assert.Empty(_stage.Outcomes);
        _stage.World.StartIngress(0);
        _stage.Settle();
        Assert.Equal([Outcome.Answered], _stage.Outcomes);
        _stage.End();
    }

    [Fact]
    public void No_at_the_end__an_operation_that_comes_before_the_adoption_is_read_waits_for_it()
    {
        var adopter = _stage.At(1);
        _stage.Device.Move(1, changesAddress: false);
        _stage.Device.Update();
        _stage.Hear();
        // Its records are known everywhere but in the replica that wrote them.
        _stage.Land(adopter, Sessions);
        adopter.Gateway.Operate(new DownlinkOperation
        {
            Schema = 1, Endpoint = _stage.Device.Endpoint, Kind = OperationKind.Read, Path = "/3/0/9",
            DeadlineMs = _stage.World.UnixMs + 100_000, Command = new CommandContext { CommandId = "early" },
        });
        Assert.Equal(1, adopter.Questions);
        _stage.Settle();
        Assert.Contains(_stage.Uplink, e => e.Command?.CommandId == "early" && e.Outcome == Outcome.Answered);
        _stage.End();
    }

    [Fact]
    public void Finish_adoption__a_replica_that_dies_between_session_and_registration_is_handed_the_commands_after_all()
    {
        var adopter = _stage.At(1);
        _stage.Device.Move(1, changesAddress: false);
        _stage.Device.Update();
        _stage.Hear();
        _stage.Write(adopter);
        _stage.Restart(adopter);
        _stage.World.Execute(_stage.Device, Soon);
        _stage.Settle();
        Assert.Equal([Outcome.Answered], _stage.Outcomes);
        Ends(1, Outcome.Answered);
    }

    [Fact]
    public void Read_operations__a_Translator_that_takes_over_knows_what_was_accepted_and_closed()
    {
        _stage.World.Execute(_stage.Device, Soon);
        _stage.Settle();
        // Everything was done, and nothing committed.
        _stage.World.Cluster.Committed.Clear();
        TakeOver();
        _stage.Settle();
        Ends(1, Outcome.Answered);
    }

    [Fact]
    public void Close_unknown__a_refusal_that_was_told_closes_the_command_also_where_nobody_accepted_it()
    {
        _stage.Device.Deregister();
        _stage.Settle();
        _stage.World.Execute(_stage.Device, Soon);
        _stage.Settle();
        Assert.Equal([Outcome.NotRegistered], _stage.Outcomes);

        // The device is back, and the command is read again by the next Translator.
        _stage.Device.Register();
        _stage.Settle();
        _stage.World.Cluster.Committed.Clear();
        TakeOver();
        _stage.Settle();
        Ends(0, Outcome.NotRegistered);
    }

    [Fact]
    public void Close_first__of_two_outcomes_the_first_in_the_log_is_told()
    {
        var owner = Command();
        _stage.Write(owner);
        _stage.World.Network.DeliverDown(0);
        var next = _stage.Pause(owner);
        Stage.Read([_stage.Translator.Instances]);
        LandAll(_stage.Translator.Producer);
        Stage.Read([next.Downlink]);
        LandAll(next.Producer);
        owner.IsPaused = false;
        owner.Gateway.Receive(_stage.Device.Address, Answer());
        Ends(1, Outcome.Unknown, Outcome.Answered);
    }

    [Fact]
    public void Hand_all__a_Translator_that_dies_between_accepting_and_handing_over_is_replaced_by_one_that_hands_over()
    {
        _stage.World.Execute(_stage.Device, Soon);
        foreach (var life in _stage.Translator.Lives.Values)
        {
            Stage.Read([life.Commands]);
            while (life.TryJudge())
            {
            }
        }

        foreach (var line in _stage.Translator.Producer.Lines.Where(l => l.Waiting.Count > 0))
            _stage.Translator.Producer.Land(line);
        TakeOver();
        _stage.Settle();
        Ends(1, Outcome.Answered);
    }

    [Fact]
    public void A_late_accepted_over_a_closed_command_is_closed_again()
    {
        _stage.World.Execute(_stage.Device, Soon);
        _stage.Settle();
        var operations = _stage.World.Cluster.All(Cluster.Topics.Operations).Single(l => l.End > 0);
        var accepted = operations.Records.First();
        _stage.World.Cluster.Append(operations, accepted.Key, accepted.Value, [], _stage.World.UnixMs, "a Translator that died");
        Ends(1, Outcome.Answered);
    }

    // An execute is taken by the owner, which has handed its mark to Kafka.
    IngressProcess Command()
    {
        var owner = _stage.At(0);
        _stage.World.Execute(_stage.Device, Soon);
        foreach (var life in _stage.Translator.Lives.Values)
        {
            Stage.Read([life.Commands]);
            while (life.TryJudge())
            {
            }
        }

        LandAll(_stage.Translator.Producer);
        Stage.Read([owner.Downlink]);
        return owner;
    }

    static void LandAll(Producer producer)
    {
        for (var round = 0; round < 10; round++)
        {
            foreach (var line in producer.Lines.Where(l => !l.IsIdle).ToList())
            {
                while (line.Waiting.Count > 0)
                    producer.Land(line);
                while (line.Unreported.Count > 0)
                    producer.Report(line, succeeded: true);
            }
        }
    }

    void TakeOver()
    {
        _stage.World.Kill(_stage.Translator);
        _stage.Translator = _stage.World.StartTranslator();
        for (var partition = 0; partition < Cluster.Partitions; partition++)
            _stage.World.Assign(partition, _stage.Translator);
    }

    // What the device answered is still on its way to the slot.
    byte[] Answer()
    {
        var answer = _stage.World.Network.PeekUp();
        _stage.World.Network.LoseUp(0);
        return answer;
    }

    void Ends(int executions, params Outcome[] outcomes)
    {
        _stage.End();
        Assert.Equal(executions, Executions);
        if (outcomes.Length > 0)
            Assert.Equal(outcomes, _stage.Outcomes);
    }
}
