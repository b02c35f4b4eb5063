using Contracts;
using Google.Protobuf;

namespace Ingress.Registrations;

/// <summary>
/// The observations of a session record, through what happens to its registration. They say what is wanted of the endpoint; which of
/// them the device carries out, their tokens and <see cref="Observation.Due"/> say.
/// </summary>
static class ObservationRecords
{
    /// <summary>A new registration: the device knows of no observation any more (LwM2M Core 1.1 section 6.2.1), what is wanted stays so.</summary>
    public static void BeginAnew(SessionRecord next)
    {
        Rest(next);
        foreach (var observation in next.Observations)
            observation.Due = next.Number;
    }

    /// <summary>The registration has ended. What auto-observe wants is decided with the next one.</summary>
    public static void Rest(SessionRecord next)
    {
        Remove(next, o => o is { Wanted: false } or { Automatic: true });
        foreach (var observation in next.Observations)
        {
            observation.Token = ByteString.Empty;
            observation.Due = 0;
        }
    }

    /// <summary>The device is there: what has failed before is tried again.</summary>
    public static void TryAgain(SessionRecord next)
    {
        foreach (var observation in next.Observations)
        {
            if (observation.Due > 0)
                observation.Due = next.Number;
        }
    }

    /// <summary>The paths that somebody wants to be observed.</summary>
    public static IEnumerable<string> Wanted(IEnumerable<Observation> observations) => observations.Where(o => o.Wanted).Select(o => o.Path);

    /// <summary>Gives a request what the Observe said beside its path.</summary>
    public static void Ask(DownlinkOperation operation, Observation observation)
    {
        operation.Queries.Clear();
        operation.Queries.Add(observation.Queries);
        operation.ClearAccept();
        if (observation.HasAccept)
            operation.Accept = observation.Accept;
        operation.ClearContentFormat();
        if (observation.HasContentFormat)
            operation.ContentFormat = observation.ContentFormat;
        operation.Payload = observation.Payload;
    }

    /// <summary>The other way: what an Observe says beside its path is what will be asked for from now on.</summary>
    public static void Keep(Observation observation, DownlinkOperation operation)
    {
        observation.Queries.Clear();
        observation.Queries.Add(operation.Queries);
        observation.ClearAccept();
        if (operation.HasAccept)
            observation.Accept = operation.Accept;
        observation.ClearContentFormat();
        if (operation.HasContentFormat)
            observation.ContentFormat = operation.ContentFormat;
        observation.Payload = operation.Payload;
    }

    static void Remove(SessionRecord next, Predicate<Observation> isOver)
    {
        for (var i = next.Observations.Count - 1; i >= 0; i--)
        {
            if (isOver(next.Observations[i]))
                next.Observations.RemoveAt(i);
        }
    }
}
