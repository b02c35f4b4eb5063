using System.Text;
using Contracts;
using Pipeline.Tests.Translator;
using Translator.Uplink;

namespace Pipeline.Tests.Delivery;

/// <summary>What must hold once the world has come to rest. P5: what counts is what the logs end with. P6: nothing stays open.</summary>
static class Endings
{
    public static void Check(World world)
    {
        var promises = world.Promises;
        foreach (var (endpoint, record) in promises.Truth.Counting)
            CheckSession(world, endpoint, record);
        foreach (var ended in promises.Truth.Ended.Concat(promises.Announced.Where(r => !promises.Truth.IsLive(r))))
        {
            if (!promises.Ends.ContainsKey(ended))
                promises.Break($"P4: the end of {world.NameOf(ended)} was never announced");
        }

        foreach (var (command, endpoint) in promises.Commands)
            CheckCommand(promises, command, endpoint);
        foreach (var id in promises.Acknowledged.Where(id => !promises.IsPublished(id)))
            promises.Break($"P1: {id} was acknowledged and does not stand in events");
        foreach (var device in world.Devices)
            CheckDevice(promises, device);
        CheckConsumers(world);
    }

    static void CheckSession(World world, string endpoint, SessionRecord record)
    {
        var promises = world.Promises;
        var key = Encoding.UTF8.GetBytes(endpoint);
        foreach (var ingress in world.Ingresses)
        {
            var session = ingress.Table.ByEndpoint(endpoint);
            if (session?.Number != record.Number || session.Writer != record.Writer)
                promises.Break($"P5: {ingress.Name} believes record {session?.Number} of {endpoint}, and {record.Number} counts");
            else if (session.Job is not null)
                promises.Break($"P6: {ingress.Name} has not finished with {endpoint}");
        }

        var last = SessionRecord.Parser.ParseFrom(world.Cluster.Place(Cluster.Topics.Sessions, -1, key).Records.Last(r => r.Key.AsSpan().SequenceEqual(key)).Value);
        if (last.Number < record.Number || last.Writer != record.Writer)
            promises.Break($"P5: sessions ends with record {last.Number} of {endpoint}, and another one, {record.Number}, counts");
        var found = world.Cluster.Place(Cluster.Topics.Registrations, -1, key).Records.LastOrDefault(r => r.Key.AsSpan().SequenceEqual(key)).Value;
        if (found is null || !RegistrationRecord.TryParse(found, out var told))
            promises.Break($"P5: registrations does not know {endpoint}");
        else if (told!.Number != record.RegistrationNumber || told.Slot != (int)record.Slot || told.IsLive != record.Live)
            promises.Break($"P5: registrations ends with {told.Number} {told.State} at slot {told.Slot} of {endpoint}, and the session says {record.RegistrationNumber} at slot {record.Slot}");
    }

    static void CheckCommand(Promises promises, string command, string endpoint)
    {
        if (!promises.FirstOutcomes.TryGetValue(command, out var first))
        {
            promises.Break($"P6: {command} has no outcome");
            return;
        }

        var shown = UplinkPipeline.Translate(first, Given.Rules).Single();
        if (!promises.Responses.TryGetValue(shown.Id, out var json))
            promises.Break($"P2: the outcome of {command} was not told");
        else if (!json.AsSpan().SequenceEqual(shown.Json))
            promises.Break($"P2: {command} of {endpoint} was told as {Encoding.UTF8.GetString(json)}, and the first outcome in the log is {Encoding.UTF8.GetString(shown.Json)}");
    }

    static void CheckDevice(Promises promises, Device device)
    {
        if (device.Location is null || device.Pending is not null)
            promises.Break($"P6: {device.Endpoint} does not get through");
        else if (promises.Truth.Counting.GetValueOrDefault(device.Endpoint) is not { Live: true } record
            || device.Location != global::Ingress.Registrations.Identifiers.ToText(record.RegistrationId))
            promises.Break($"P4: {device.Endpoint} holds a success, and its registration does not count");
    }

    static void CheckConsumers(World world)
    {
        foreach (var life in world.Translators.SelectMany(t => t.Lives.Values))
        {
            if (!life.IsIdle || life.Uplink.Log.End != world.CommittedOf(Cluster.Topics.Uplink, life.Partition) || life.Commands.Log.End != world.CommittedOf(Cluster.Topics.Commands, life.Partition))
                world.Promises.Break($"P6: partition {life.Partition} is not read to its end");
            if (life.Book.OpenCount > 0)
                world.Promises.Break($"P6: {life.Book.OpenCount} commands of partition {life.Partition} stay open");
        }

        var states = world.Cluster.Records(Cluster.Topics.Operations).Where(r => r.Value is not null).Select(r => OperationRecord.Parser.ParseFrom(r.Value))
            .GroupBy(o => o.Operation.Command.CommandId);
        foreach (var operation in states.Where(o => o.Last().State != OperationState.Closed))
            world.Promises.Break($"P6: operations ends with {operation.Key} {operation.Last().State}");
    }
}
