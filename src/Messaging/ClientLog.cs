using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>Passes on what librdkafka has to say. Its errors are mostly connections that it mends itself: warnings here.</summary>
internal static class ClientLog
{
    public static void Pass(ILogger logger, string clientId, LogMessage message)
    {
        if (message.Level <= SyslogLevel.Warning)
        {
            logger.ClientWarning(clientId, message.Message);
        }
        else
        {
            logger.ClientDetail(clientId, message.Message);
        }
    }
}
