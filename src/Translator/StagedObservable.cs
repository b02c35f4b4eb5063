using System.Reactive.Linq;

namespace Translator;

internal static class StagedObservable
{
    /// <summary>
    /// The next stage for what is still on its way; what has ended passes by. An exception would end the whole subscription, so here, and only
    /// here, it becomes the ending of the one record that caused it.
    /// </summary>
    public static IObservable<Staged<TOut>> Then<TIn, TOut>(
        this IObservable<Staged<TIn>> source, string stage, Func<Staged<TIn>, Staged<TOut>> step)
        where TIn : class
        where TOut : class =>
        source.Select(item =>
        {
            if (item.Value is null)
            {
                return item.End<TOut>(item.Ending!);
            }

            try
            {
                return step(item);
            }
#pragma warning disable CA1031 // A bug in a rule must not stop the other records.
            catch (Exception bug)
#pragma warning restore CA1031
            {
                return item.End<TOut>(new Ending(stage, $"{bug.GetType().Name}: {bug.Message}", Poison: true));
            }
        });
}
