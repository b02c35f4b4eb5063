namespace Messaging;

/// <summary>
/// Whether something has stood still for so many looks in a row while Kafka answered others. Looks are counted, not time: what has been
/// suspended together with its process has not stood still. For one caller at a time.
/// </summary>
internal sealed class Standstill(int most)
{
    private long? _progress;
    private int _looks;

    /// <summary>True when it has lasted; then, and whenever something has moved, the count begins anew.</summary>
    /// <param name="progress">Changes as soon as anything moves; null: nothing is owed.</param>
    /// <param name="othersAreAnswered">Asked where nothing has moved. While nobody is answered, nobody stands still.</param>
    public async Task<bool> LookAsync(long? progress, Func<Task<bool>> othersAreAnswered)
    {
        var moved = progress is null || progress != _progress;
        _progress = progress;
        if (moved || !await othersAreAnswered())
        {
            _looks = 0;
            return false;
        }

        if (++_looks < most)
        {
            return false;
        }

        _looks = 0;
        return true;
    }
}
