namespace Egress.Mqtt;

/// <summary>A connection to the broker could not be made or has ended.</summary>
/// <param name="blamesRecord">True where a record that was being published may be why.</param>
internal sealed class ConnectionLostException(string message, bool blamesRecord, Exception? inner = null) : IOException(message, inner)
{
    public bool BlamesRecord { get; } = blamesRecord;
}
