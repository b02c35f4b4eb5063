using System.Diagnostics;
using Messaging;

namespace Translator.Partitions;

/// <summary>Work that is traced; a type of its own, so that what is not traced does not carry an empty field.</summary>
internal sealed record TracedWork(LogRecord Traced, IReadOnlyList<IReadOnlyList<LogAppend>> Steps, Activity Began) : Work(Traced, Steps)
{
    public override Activity? Span => Began;
}
