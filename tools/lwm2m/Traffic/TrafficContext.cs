using Contracts;

namespace Tools.Traffic;

/// <summary>
/// Picks what is wanted from the events of one partition, in their order: before the first of a device comes the Register that it belongs to, also
/// where that is older; outcomes of commands that had theirs are left out, as the Translator leaves them out.
/// </summary>
sealed class TrafficContext(TrafficSelection selection)
{
    const int MostClosed = 1 << 20;

    readonly Dictionary<string, UplinkEvent> _registers = [];
    readonly HashSet<(string Endpoint, string CommandId)> _closed = [];
    readonly Queue<(string Endpoint, string CommandId)> _closedInOrder = new();

    /// <summary>The event, with what has to come before it; nothing where it is not wanted.</summary>
    public IEnumerable<UplinkEvent> Take(UplinkEvent happened)
    {
        if (!selection.IsOfEndpoint(happened.Endpoint) || IsLaterOutcome(happened) || selection.IsAfter(happened))
            yield break;
        if (selection.IsBefore(happened))
        {
            Remember(happened);
            yield break;
        }

        // A Register in the window needs none before it.
        if (_registers.Remove(happened.Endpoint, out var register) && happened.Kind != EventKind.Registered)
            yield return register;
        if (selection.IsOfKind(happened.Kind))
            yield return happened;
    }

    void Remember(UplinkEvent happened)
    {
        switch (happened.Kind)
        {
            case EventKind.Registered:
                _registers[happened.Endpoint] = happened;
                break;
            case EventKind.Deregistered or EventKind.Expired or EventKind.Replaced when IsOfKnown(happened):
                _registers.Remove(happened.Endpoint);
                break;
        }
    }

    // "Replaced" tells of the registration before.
    bool IsOfKnown(UplinkEvent happened) => _registers.TryGetValue(happened.Endpoint, out var register) && register.RegistrationId == happened.RegistrationId;

    bool IsLaterOutcome(UplinkEvent happened)
    {
        if (happened is not { Kind: EventKind.Outcome, Command.CommandId: { Length: > 0 } id })
            return false;
        if (!_closed.Add((happened.Endpoint, id)))
            return true;
        _closedInOrder.Enqueue((happened.Endpoint, id));
        if (_closedInOrder.Count > MostClosed)
            _closed.Remove(_closedInOrder.Dequeue());
        return false;
    }
}
