using System.Text;
using Pipeline.IntegrationTests.Chaos.Events;
using Pipeline.IntegrationTests.Chaos.Fleet;
using Pipeline.IntegrationTests.Chaos.Ledgers;

namespace Pipeline.IntegrationTests.Chaos;

/// <summary>The checker finds what is planted: of a run that it calls clean one may believe it.</summary>
public sealed class CheckerTests
{
    readonly Findings _findings = new();
    readonly UplinkLedger _uplink;
    readonly CommandLedger _commands;
    readonly Audit _audit;
    long _now;

    public CheckerTests()
    {
        _uplink = new UplinkLedger(2, _findings);
        _commands = new CommandLedger(_findings);
        _audit = new Audit(_uplink, _commands, _findings, endpoint => endpoint is "d0" or "d1" ? endpoint[1] - '0' : -1, () => _now);
    }

    [Fact]
    public void What_came_out_as_it_was_acknowledged_is_clean()
    {
        var register = Send(isRegister: true);
        Hear("id-r", Register(register));
        var update = Send();
        Hear("id-u", $$$"""{"data":{"b":"U","ep":"d0","lt":{{{EventFacts.Lifetime + update}}},"objectList":["/3/0"]},"msgType":"update"}""");
        var notification = Send();
        Hear("id-n", Notify(notification));
        var command = Give(CommandKind.Execute);
        _commands.CarryOut(command, 0);
        Hear("id-a", $$$"""{"data":{"path":"/3/0/4"},"msgType":"ack","reqID":{{{command}}}}""");
        Hear("id-c", Answer(command, "2.04"));

        Assert.Equal("", Verdict());
        Assert.Equal((3, 3, 3), (_uplink.Acknowledged, _uplink.Arrived(Outlet.Kafka), _uplink.Arrived(Outlet.Mqtt)));
        Assert.Equal(new KeyValuePair<string, long>("Execute 2.04", 1), Assert.Single(_commands.Ends));
    }

    [Fact]
    public void Acknowledged_but_not_on_mqtt_is_lost()
    {
        var number = Send();
        _audit.Take(Outlet.Kafka, "d0", "id", Bytes(Notify(number)));
        Expect(FindingKind.Lost, "Mqtt: device 0, number 1, Acknowledged");
    }

    [Fact]
    public void Acknowledged_but_not_on_kafka_is_lost()
    {
        var number = Send();
        _audit.Take(Outlet.Mqtt, "d0", "id", Bytes(Notify(number)));
        Expect(FindingKind.Lost, "Kafka: device 0, number 1, Acknowledged");
    }

    [Fact]
    public void What_was_not_acknowledged_may_be_missing_or_there()
    {
        _uplink.Send(0);
        Hear("id", Notify(_uplink.Send(0)));
        Assert.Equal("", Verdict());
    }

    [Fact]
    public void Repetition_out_of_the_blue_is_found()
    {
        var number = Send();
        Hear("id", Notify(number));
        _now = 100_000;
        Hear("id", Notify(number));
        Expect(FindingKind.UnexplainedDuplicate, "Kafka: device 0, number 1, Acknowledged, at 100000 ms", new FaultWindow(1_000, 60_000), new FaultWindow(110_000, 120_000));
        Assert.Equal(2, _findings[FindingKind.UnexplainedDuplicate]);
    }

    [Fact]
    public void Repetition_in_the_wake_of_a_fault_is_counted_and_allowed()
    {
        var number = Send();
        Hear("id", Notify(number));
        _now = 100_000;
        Hear("id", Notify(number));
        Assert.Equal("", Verdict(new FaultWindow(80_000, 90_000)));
        Assert.Equal((1, 1), (_uplink.Repeated(Outlet.Kafka), _uplink.Repeated(Outlet.Mqtt)));
    }

    [Fact]
    public void Repetition_of_what_was_sent_to_two_replicas_is_allowed()
    {
        var number = Send();
        _uplink.WentElsewhere(0, number);
        Hear("id", Notify(number));
        Hear("id", Notify(number));
        Assert.Equal("", Verdict());
    }

    [Fact]
    public void Two_events_of_one_message_are_never_allowed()
    {
        var number = Send();
        _uplink.WentElsewhere(0, number);
        Hear("id", Notify(number));
        Hear("another", Notify(number));
        Expect(FindingKind.TwoIds, "Kafka: device 0, number 1, Acknowledged, SeveralReplicas", new FaultWindow(0, 1_000));
    }

    [Fact]
    public void Event_of_what_was_refused_is_found()
    {
        var (refused, moved) = (_uplink.Send(0), _uplink.Send(0));
        foreach (var number in new[] { refused, moved })
            _uplink.Refuse(0, number);
        _uplink.WentElsewhere(0, moved);
        Hear("1", Notify(refused));
        Hear("2", Notify(moved));
        Expect(FindingKind.ToldDespiteRefusal, "device 0, number 1");
        Assert.Equal(1, _findings[FindingKind.ToldDespiteRefusal]);
    }

    [Fact]
    public void Notification_that_answers_the_observation_has_come_out()
    {
        Hear("id", Notify(Send()).Replace("notify", "observe", StringComparison.Ordinal));
        Assert.Equal("", Verdict());
    }

    [Fact]
    public void Order_is_judged_within_a_registration_and_on_first_arrivals()
    {
        var (first, second, third) = (Send(isRegister: true), Send(), Send());
        Hear("r", Register(first));
        Hear("n3", Notify(third));
        Hear("n2", Notify(second));
        Expect(FindingKind.Reordered, "Kafka: device 0, number 2, Acknowledged");
        Assert.Equal(2, _findings[FindingKind.Reordered]);
    }

    [Fact]
    public void Late_ones_and_repeated_ones_are_not_out_of_order()
    {
        var (first, second, third) = (Send(isRegister: true), Send(), Send());
        Hear("r", Register(first));
        Hear("n3", Notify(third));
        Hear("n2", Notify(second).Replace("\"data\":{", "\"data\":{\"late\":true,", StringComparison.Ordinal));
        _uplink.WentElsewhere(0, first);
        Hear("r", Register(first));
        Assert.Equal("", Verdict());
    }

    [Fact]
    public void What_one_replica_refused_and_another_had_before_has_no_order()
    {
        var (first, refused, third) = (Send(isRegister: true), _uplink.Send(0), Send());
        _uplink.WentElsewhere(0, refused);
        _uplink.Refuse(0, refused);
        Hear("r", Register(first));
        Hear("n3", Notify(third));
        Hear("n2", Notify(refused));
        Assert.Equal("", Verdict());
    }

    [Fact]
    public void Registrations_have_no_order_among_each_other()
    {
        var (first, second) = (Send(isRegister: true), Send(isRegister: true));
        Hear("r2", Register(second));
        Hear("r1", Register(first));
        Assert.Equal("", Verdict());
    }

    [Fact]
    public void Devices_have_no_order_among_each_other()
    {
        var (mine, _) = (Send(), _uplink.Send(1));
        _audit.Take(Outlet.Kafka, "d1", "x", Bytes(Notify(1)));
        Hear("id", Notify(mine));
        Assert.Equal("", Verdict());
    }

    [Fact]
    public void Event_that_nobody_sent_is_found()
    {
        Hear("id", Notify(7));
        Expect(FindingKind.NeverSent, "Kafka: device 0, number 7");
        _audit.Take(Outlet.Kafka, "stranger", "id", Bytes(Notify(1)));
        _audit.Take(Outlet.Kafka, "d0", "id", "not"u8);
        Assert.Equal(4, _findings[FindingKind.NeverSent]);
    }

    [Fact]
    public void Accepted_command_without_outcome_is_found()
    {
        var command = Give(CommandKind.Read);
        _audit.Take(Outlet.Kafka, "d0", "id", Bytes(Answer(command, "2.05")));
        Assert.Equal(1, _commands.Unanswered);
        Expect(FindingKind.NoOutcome, "Mqtt: command 1 (Read) of device 0");
    }

    [Fact]
    public void Command_that_was_not_accepted_may_have_no_outcome()
    {
        _commands.Give(CommandKind.Read, 0);
        Assert.Equal("", Verdict());
    }

    [Fact]
    public void Two_different_outcomes_are_found()
    {
        var command = Give(CommandKind.Execute);
        _commands.CarryOut(command, 0);
        Hear("id", Answer(command, "2.04"));
        Hear("id", $$$"""{"data":{"path":"/3/0/4","reason":"unknown: the gateway restarted"},"msgType":"coap_timeout","reqID":{{{command}}}}""");
        Expect(FindingKind.TwoOutcomes, "Kafka: command 1 of device 0 (Execute): 2.04, then coap_timeout unknown");
    }

    [Fact]
    public void Same_outcome_under_another_id_is_found()
    {
        var command = Give(CommandKind.Read);
        Hear("id", Answer(command, "2.05"));
        Hear("another", Answer(command, "2.05"));
        Expect(FindingKind.TwoOutcomes, "Kafka: command 1 of device 0 (Read): 2.05, then 2.05");
    }

    [Fact]
    public void Outcome_that_differs_between_kafka_and_mqtt_is_found()
    {
        var command = Give(CommandKind.Read);
        _audit.Take(Outlet.Kafka, "d0", "id", Bytes(Answer(command, "2.05")));
        _audit.Take(Outlet.Mqtt, "d0", "another", Bytes(Answer(command, "4.04")));
        Expect(FindingKind.TwoOutcomes, "command 1: Kafka says 2.05, MQTT 4.04");
    }

    [Fact]
    public void Repeated_outcome_is_counted_and_allowed()
    {
        var command = Give(CommandKind.Read);
        Hear("id", Answer(command, "2.05"));
        Hear("id", Answer(command, "2.05"));
        Assert.Equal("", Verdict());
        Assert.Equal(2, _commands.Repeated);
    }

    [Fact]
    public void Execute_carried_out_twice_is_found_and_a_read_may_be()
    {
        var (execute, read) = (Give(CommandKind.Execute), Give(CommandKind.Read));
        foreach (var command in new[] { execute, execute, read, read })
            _commands.CarryOut(command, 0);
        Hear("1", Answer(execute, "2.04"));
        Hear("2", Answer(read, "2.05"));
        Expect(FindingKind.ExecutedTwice, "command 1 on device 0");
        Assert.Equal(1, _findings[FindingKind.ExecutedTwice]);
    }

    [Fact]
    public void Success_that_no_device_knows_of_is_found()
    {
        Hear("id", Answer(Give(CommandKind.Execute), "2.04"));
        Expect(FindingKind.NotExecuted, "command 1 of device 0");
    }

    [Fact]
    public void Outcome_of_a_command_that_nobody_gave_is_found()
    {
        Hear("id", Answer(5, "2.05"));
        Expect(FindingKind.UnknownCommand, "Kafka: command 5 of device 0: 2.05");
    }

    [Fact]
    public void Command_at_the_wrong_device_is_found()
    {
        _commands.CarryOut(Give(CommandKind.Execute), 1);
        Expect(FindingKind.UnknownCommand, "command 1 was carried out by device 1");
    }

    int Send(bool isRegister = false)
    {
        var number = _uplink.Send(0, isRegister ? Exchange.Register : Exchange.Notification);
        _uplink.Acknowledge(0, number);
        return number;
    }

    int Give(CommandKind kind)
    {
        var number = _commands.Give(kind, 0);
        _commands.Accept(number);
        return number;
    }

    void Hear(string id, string json)
    {
        _audit.Take(Outlet.Kafka, "d0", id, Bytes(json));
        _audit.Take(Outlet.Mqtt, "d0", id, Bytes(json));
    }

    string Verdict(params FaultWindow[] faults)
    {
        _uplink.Close(faults);
        _commands.Close();
        return _findings.ToString();
    }

    void Expect(FindingKind kind, string told, params FaultWindow[] faults)
    {
        Verdict(faults);
        Assert.Contains(told, _findings.Told(kind));
    }

    static string Register(int number) =>
        $$$"""{"data":{"alternatePath":"/","b":"U","ep":"d0","lt":{{{EventFacts.Lifetime + number}}},"lwm2m":"1.0","objectList":["/3/0"]},"msgType":"register"}""";

    static string Notify(int number) =>
        $$$"""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/9","value":{{{number}}}}],"reqPath":"/3/0/9"},"is_auto_observe":true,"msgType":"notify","seqNum":3}""";

    static string Answer(int command, string code) =>
        $$$"""{"data":{"code":"{{{code}}}","codeMsg":"content","reqPath":"/3/0/4"},"msgType":"execute","reqID":{{{command}}}}""";

    static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);
}
