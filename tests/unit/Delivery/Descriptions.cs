using System.Text;
using Contracts;
using Ingress.Registrations;

namespace Pipeline.Tests.Delivery;

/// <summary>Records as people want to read them in a trace.</summary>
static class Descriptions
{
    public static string Of(World world, string topic, byte[] key, byte[]? value)
    {
        var of = Encoding.UTF8.GetString(key).Replace('\0', ' ');
        if (value is null)
            return $"{World.Short(topic)} [{of}: tombstone]";
        return topic switch
        {
            _ when topic == Cluster.Topics.Sessions => Of(world, SessionRecord.Parser.ParseFrom(value)),
            _ when topic == Cluster.Topics.Uplink => Of(world, UplinkEvent.Parser.ParseFrom(value)),
            _ when topic == Cluster.Topics.Downlink && DownlinkOperation.Parser.ParseFrom(value) is var o =>
                $"downlink [{of}: {o.Command.CommandId} {o.Kind} {o.Path}, epoch {o.Epoch}, registration {o.RegistrationNumber}]",
            _ when topic == Cluster.Topics.Operations && OperationRecord.Parser.ParseFrom(value) is var o => $"operations [{of}: {o.State}]",
            _ when topic == Cluster.Topics.Registrations && RegistrationRecord.TryParse(value, out var r) && Identifiers.TryParse(Encoding.UTF8.GetBytes(r!.RegistrationId), out var id) =>
                $"registrations [{of} {r.Number}: {world.NameOf(id)} {r.State}, slot {r.Slot}.{r.Epoch}]",
            _ when topic == Cluster.Topics.Commands => $"commands [{of}: {Encoding.UTF8.GetString(value)}]",
            _ => $"{World.Short(topic)} [{of}]",
        };
    }

    static string Of(World world, SessionRecord record)
    {
        var owed = string.Concat(record.Owed.Select(o => $", owes {Of(world, UplinkEvent.Parser.ParseFrom(o))}"));
        var started = record.Started.Count > 0 ? $", started {string.Join(' ', record.Started.Select(s => s.CommandId))}" : "";
        var observed = record.Observations.Count > 0 ? $", observes {string.Join(' ', record.Observations.Select(o => o.Path + (o.Due > 0 ? "?" : "")))}" : "";
        return $"sessions [{record.Endpoint} {record.Number}: {world.NameOf(record.RegistrationId)} {(record.Live ? "live" : "gone")}, slot {record.Slot}.{record.Epoch}{started}{observed}{owed}]";
    }

    static string Of(World world, UplinkEvent happened)
    {
        var registration = Identifiers.TryParse(Encoding.UTF8.GetBytes(happened.RegistrationId), out var id) ? world.NameOf(id) : "no registration";
        var what = happened.Kind switch
        {
            EventKind.Outcome => $"{happened.Command.CommandId} {happened.Outcome} {happened.Reason}",
            EventKind.Notified => $"notified {happened.Path} '{happened.Payload.ToStringUtf8()}'",
            EventKind.Sent => $"sent '{happened.Payload.ToStringUtf8()}' {happened.Reason}",
            _ => happened.Kind.ToString(),
        };
        return $"uplink [{happened.Endpoint}: {what}, {registration}]";
    }
}
