namespace Messaging;

/// <summary>Keeps producers from overrunning the readers of the embedded broker.</summary>
public sealed class UnreadBudget
{
}
