using Messaging;

namespace Translator.Partitions;

/// <summary>
/// What is to be written because of one record, or of the passing of time. The records of one step may be written at once; a step begins when
/// the one before it has been acknowledged. When all are, the source is done.
/// </summary>
/// <param name="Source">The record whose offset may be committed then; null where there is none.</param>
public sealed record Work(LogRecord? Source, IReadOnlyList<IReadOnlyList<LogAppend>> Steps)
{
    /// <summary>Nothing is to be written.</summary>
    public static Work None(LogRecord source) => new(source, []);
}
