namespace Contracts.Configuration;

/// <summary>What is observed when a device registers: nothing, all that it lists, or the given paths in their order.</summary>
public sealed record AutoObserve
{
    public static readonly AutoObserve Off = new() { Mode = AutoObserveMode.Off };

    public static readonly AutoObserve All = new() { Mode = AutoObserveMode.All };

    AutoObserve()
    {
    }

    public AutoObserveMode Mode { get; private init; }

    public IReadOnlyList<string> Paths { get; private init; } = [];

    public static AutoObserve Of(IReadOnlyList<string> paths) => new() { Mode = AutoObserveMode.Paths, Paths = paths };

    public bool Equals(AutoObserve? other) => other is not null && Mode == other.Mode && Paths.SequenceEqual(other.Paths);

    public override int GetHashCode() => HashCode.Combine(Mode, Paths.Count);

    public override string ToString() => Mode switch
    {
        AutoObserveMode.Off => "false",
        AutoObserveMode.All => "true",
        _ => string.Join(",", Paths),
    };
}
