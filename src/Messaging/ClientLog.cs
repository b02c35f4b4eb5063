using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>
/// Passes on what librdkafka has to say. It tells every attempt to connect: of its errors each kind is a warning twice a minute, and all
/// the rest is detail. That all brokers are away is told by <see cref="LogProducer"/>. Thread-safe.
/// </summary>
internal sealed class ClientLog(ILogger logger, string clientId)
{
    private const long SilenceMs = 30_000;

    private readonly ConcurrentDictionary<ErrorCode, long> _told = new();

    public void Message(LogMessage message)
    {
        if (message.Level <= SyslogLevel.Critical)
        {
            logger.ClientWarning(clientId, message.Message);
        }
        else
        {
            logger.ClientDetail(clientId, message.Message);
        }
    }

    public void Error(Error error)
    {
        var now = Environment.TickCount64;
        var ordinary = error.Code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport;
        if (!ordinary && (!_told.TryGetValue(error.Code, out var told) || now - told >= SilenceMs))
        {
            _told[error.Code] = now;
            logger.ClientWarning(clientId, error.Reason);
        }
        else
        {
            logger.ClientDetail(clientId, error.Reason);
        }
    }
}
