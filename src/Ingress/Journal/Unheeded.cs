using Messaging;

namespace Ingress.Journal;

/// <summary>For records that nobody waits for, because they are written again when they are needed.</summary>
sealed class Unheeded : IAppendSink
{
    public static readonly Unheeded Sink = new();

    void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded)
    {
    }
}
