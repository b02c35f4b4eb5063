namespace Messaging;

/// <summary>
/// A <see cref="FencedProducer"/> can write no more: somebody else has opened its name, or Kafka was away for too long. What it had not reported may or may not
/// stand in the log; once the name has been opened again that does not change any more.
/// </summary>
public sealed class AppendingEndedException(string message, Exception? inner = null) : Exception(message, inner);
