namespace Messaging;

/// <summary>
/// Gathers questions for the offsets behind <see cref="LogPosition.Beginning"/> and <see cref="LogPosition.End"/>: whatever waits when a
/// round leaves goes with it, and whoever asks later gets the answer of the next. So an answer is never older than its question, and any
/// number of them cost one round at a time. Positions without an answer are asked again apart: they may take long. Thread-safe.
/// </summary>
/// <param name="ask">Gives the answers that there are, and does not throw; true where these had none the last time.</param>
internal sealed class OffsetQueries(Func<IReadOnlyCollection<LogPosition>, bool, Task<IReadOnlyDictionary<LogPosition, long>>> ask)
{
    // So long the next round waits for company: a flood of questions stays at a few hundred rounds a second.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<LogPosition, TaskCompletionSource<long?>> _waiting = [];
    private readonly HashSet<LogPosition> _unanswered = [];
    private Task? _first; // null: no round is under way
    private Task? _again;
    private bool _ended;

    /// <summary>The answer, or null where there was none: ask again.</summary>
    public Task<long?> AskAsync(LogPosition position)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return Task.FromResult<long?>(null);
            }

            if (!_waiting.TryGetValue(position, out var asked))
            {
                asked = new TaskCompletionSource<long?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add(position, asked);
                Wake();
            }

            return asked.Task;
        }
    }

    /// <summary>Ends when the rounds under way have; questions that wait get no answer.</summary>
    public Task EndAsync()
    {
        lock (_gate)
        {
            _ended = true;
            foreach (var asked in _waiting.Values)
            {
                asked.SetResult(null);
            }

            _waiting.Clear();
            return Task.WhenAll(_first ?? Task.CompletedTask, _again ?? Task.CompletedTask);
        }
    }

    private void Wake()
    {
        foreach (var position in _waiting.Keys)
        {
            if (_unanswered.Contains(position))
            {
                _again ??= Task.Run(() => RunAsync(again: true));
            }
            else
            {
                _first ??= Task.Run(() => RunAsync(again: false));
            }
        }
    }

    private async Task RunAsync(bool again)
    {
        while (Leave(again) is { Count: > 0 } leaving)
        {
            var answers = await ask(leaving.Keys, again);
            lock (_gate)
            {
                foreach (var position in leaving.Keys)
                {
                    _ = answers.ContainsKey(position) ? _unanswered.Remove(position) : _unanswered.Add(position);
                }

                Wake(); // what waits may have changed sides
            }

            foreach (var (position, asked) in leaving)
            {
                asked.SetResult(answers.TryGetValue(position, out var offset) ? offset : null);
            }

            await Task.Delay(s_pause);
        }
    }

    // From here on it is too late to share the answers of this round.
    private Dictionary<LogPosition, TaskCompletionSource<long?>> Leave(bool again)
    {
        lock (_gate)
        {
            var leaving = _waiting.Where(entry => _unanswered.Contains(entry.Key) == again).ToDictionary();
            foreach (var position in leaving.Keys)
            {
                _waiting.Remove(position);
            }

            if (leaving.Count == 0)
            {
                _ = again ? _again = null : _first = null;
            }

            return leaving;
        }
    }
}
