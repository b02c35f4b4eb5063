using System.Diagnostics;
using Messaging;

namespace Translator.Partitions;

/// <summary>
/// What is to be written because of one record, or of the passing of time. The records of one step may be written at once; a step begins when
/// the one before it has been acknowledged. When all are, the source is done.
/// </summary>
/// <param name="Source">The record whose offset may be committed then; null where there is none.</param>
public record Work(LogRecord? Source, IReadOnlyList<IReadOnlyList<LogAppend>> Steps)
{
    /// <summary>From the record to its last acknowledgement; null where that is not traced.</summary>
    public virtual Activity? Span => null;

    internal static Work Of(LogRecord source, IReadOnlyList<IReadOnlyList<LogAppend>> steps, Activity? span) =>
        span is null ? new Work(source, steps) : new TracedWork(source, steps, span);

    /// <summary>Nothing is to be written.</summary>
    public static Work None(LogRecord source) => new(source, []);
}
