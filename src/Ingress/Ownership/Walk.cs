using Ingress.Registrations;

namespace Ingress.Ownership;

/// <summary>All sessions once, a few at a time: whatever comes meanwhile is not in it.</summary>
sealed class Walk
{
    Session[] _sessions = [];
    int _next;

    public bool IsOver => _next >= _sessions.Length;

    public void Begin(IEnumerable<Session> sessions) => (_sessions, _next) = ([.. sessions], 0);

    public void End() => Begin([]);

    /// <summary>False at the end.</summary>
    public bool TryNext(out Session session)
    {
        session = IsOver ? null! : _sessions[_next++];
        if (session is not null)
            return true;
        End();
        return false;
    }
}
