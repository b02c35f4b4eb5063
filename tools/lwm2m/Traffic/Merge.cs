namespace Tools.Traffic;

/// <summary>Several sequences as one, by time. What comes out depends on what is in them alone, not on which of them is quicker.</summary>
static class Merge
{
    public static async IAsyncEnumerable<T> ByTime<T>(IReadOnlyList<IAsyncEnumerator<T>> sources, Func<T, ulong> time)
    {
        var heads = new PriorityQueue<int, (ulong Time, int Source)>();
        for (var i = 0; i < sources.Count; i++)
        {
            if (await sources[i].MoveNextAsync())
                heads.Enqueue(i, (time(sources[i].Current), i));
        }

        while (heads.TryDequeue(out var next, out _))
        {
            yield return sources[next].Current;
            if (await sources[next].MoveNextAsync())
                heads.Enqueue(next, (time(sources[next].Current), next));
        }
    }
}
