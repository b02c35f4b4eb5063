namespace Protocol.Lwm2m.Formats;

/// <summary>Finds values that a payload gives twice: the same path, and the same time where times are given.</summary>
static class RepeatedItems
{
    const string Note = "the path came before in the same payload";

    /// <summary>The first counts; what repeats it keeps its value and gets a note.</summary>
    internal static void Mark(List<DecodedItem> items)
    {
        if (IsAscending(items))
            return;
        var seen = new HashSet<(Lwm2mPath, long?)>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (item.Note is null && !seen.Add((item.Path, item.Timestamp)))
                items[i] = item with { Note = Note };
        }
    }

    // What nearly every device sends, by path and then time or by time and then path, cannot repeat and costs no memory.
    static bool IsAscending(List<DecodedItem> items)
    {
        var (byPath, byTime) = (true, true);
        for (var i = 1; i < items.Count && (byPath || byTime); i++)
        {
            var path = items[i].Path.CompareTo(items[i - 1].Path);
            var time = Nullable.Compare(items[i].Timestamp, items[i - 1].Timestamp);
            byPath &= path > 0 || path == 0 && time > 0;
            byTime &= time > 0 || time == 0 && path > 0;
        }
        return byPath || byTime;
    }
}
