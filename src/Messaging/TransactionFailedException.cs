namespace Messaging;

/// <summary>A transaction came to nothing: what was written in it is void, or at least not known to stand.</summary>
public sealed class TransactionFailedException : Exception
{
    public TransactionFailedException(string message)
        : base(message)
    {
    }

    public TransactionFailedException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public TransactionFailedException()
    {
    }
}
