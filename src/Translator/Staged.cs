using Messaging;

namespace Translator;

/// <summary>A record on its way through the stages: a value, or the stage where its way ended and why.</summary>
public readonly record struct Staged<T>(LogRecord Record, T? Value, Ending? Ending)
    where T : class
{
    internal Staged<TNext> On<TNext>(TNext value)
        where TNext : class => new(Record, value, null);

    internal Staged<TNext> End<TNext>(Ending ending)
        where TNext : class => new(Record, null, ending);
}
