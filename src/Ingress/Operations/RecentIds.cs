namespace Ingress.Operations;

/// <summary>The last so many ids, to know a repetition.</summary>
sealed class RecentIds(int capacity)
{
    readonly HashSet<string> _ids = [];
    readonly Queue<string> _order = new();

    /// <summary>False where it is known already.</summary>
    public bool Add(string id)
    {
        if (!_ids.Add(id))
            return false;
        _order.Enqueue(id);
        if (_order.Count > capacity)
            _ids.Remove(_order.Dequeue());
        return true;
    }

    /// <summary>Makes it new again.</summary>
    public void Remove(string id) => _ids.Remove(id);
}
