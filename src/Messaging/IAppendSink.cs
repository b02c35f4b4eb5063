namespace Messaging;

/// <summary>Hears what became of a record that was handed to Kafka.</summary>
public interface IAppendSink
{
    /// <summary>
    /// Called once per handed record, on the producer's thread: must neither block nor throw. Not succeeded: the record may stand in the
    /// log all the same.
    /// </summary>
    void Appended(long cookie, int partition, long offset, bool succeeded);
}
