namespace Hosting;

/// <summary>A part that lives as long as nothing is wrong with it.</summary>
/// <param name="name">"egress".</param>
/// <param name="trouble">What is; null: nothing.</param>
public sealed class Liveness(string name, Func<string?> trouble) : ILiveness
{
    public string Name => name;

    public string? Trouble => trouble();

    /// <summary>What the first of these has failed with; null where none has. A part that is not there yet is null.</summary>
    public static string? FailureOf(params ReadOnlySpan<Task?> parts)
    {
        foreach (var part in parts)
        {
            if (part is { IsFaulted: true, Exception: var failure })
                return failure.GetBaseException().Message;
        }

        return null;
    }
}
