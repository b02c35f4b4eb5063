using Contracts;
using Messaging;
using Translator.Downlink;

namespace Pipeline.Tests.Translator;

public sealed class CommandReaderTests
{
    [Fact]
    public void Headers_are_read_and_the_position_is_the_id_of_a_command_without_one()
    {
        var command = Read(
            (CommandHeaders.MqttTopic, "lwm2m/e1/dn/x"), (CommandHeaders.ResponseTopic, "r"), (CommandHeaders.CorrelationData, "c"),
            (CommandHeaders.Priority, "-3"), (CommandHeaders.ExpiresAt, "1700000000001"), (CommandHeaders.TraceParent, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))!;
        Assert.Equal(("e1", "cmd-2-9", "lwm2m/e1/dn/x", "r", -3, 1700000000001), (command.Endpoint, command.CommandId, command.MqttTopic, command.ResponseTopic, command.Priority, command.ExpiresMs));
        Assert.Equal(("c", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", null), (Given.Text(command.Correlation), command.TraceParent, command.HeaderProblem));
        Assert.Equal(Given.Now, command.WrittenMs);
        Assert.Equal("mine", Read((CommandHeaders.CommandId, "mine"))!.CommandId);
    }

    [Theory]
    [InlineData(CommandHeaders.CommandId, "a\0b")]
    [InlineData(CommandHeaders.Priority, "high")]
    [InlineData(CommandHeaders.Priority, "99999999999")]
    [InlineData(CommandHeaders.ExpiresAt, "-1")]
    [InlineData(CommandHeaders.ExpiresAt, "9223372036854775807")]
    [InlineData(CommandHeaders.ExpiresAt, "12s")]
    public void A_header_that_cannot_be_used_is_named(string header, string value) =>
        Assert.Contains(header, Read((header, value))!.HeaderProblem, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_record_that_names_no_device_is_none(string key) => Assert.Null(CommandReader.Read(Given.Record("c", key, []), Given.Now));

    [Fact]
    public void A_time_that_cannot_be_true_gives_way_to_the_clock() =>
        Assert.Equal(Given.Now + 90_000_000, CommandReader.Read(Given.Record("c", "e1", []), Given.Now + 90_000_000)!.WrittenMs);

    private static IncomingCommand? Read(params (string Name, string Value)[] headers) =>
        CommandReader.Read(Given.Record("c", "e1", [], 9, 2, [.. headers.Select(header => new RecordHeader(header.Name, Given.Bytes(header.Value)))]), Given.Now);
}
