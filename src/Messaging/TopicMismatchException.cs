namespace Messaging;

/// <summary>A topic exists otherwise than it must; the message holds the commands that mend it.</summary>
public sealed class TopicMismatchException(string message) : Exception(message);
