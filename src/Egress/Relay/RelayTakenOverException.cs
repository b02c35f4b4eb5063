namespace Egress.Relay;

/// <summary>The broker has ended the connection because another process has connected as the relay.</summary>
internal sealed class RelayTakenOverException() : Exception("another process has connected as the relay");
