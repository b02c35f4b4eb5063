using Contracts;
using Contracts.Configuration;
using Ingress.Security;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Ingress.Service;

/// <summary>The saved DTLS sessions of this slot, as Kafka keeps them: the partition of the slot on the topic <c>dtls</c>.</summary>
sealed partial class DtlsSessionTopic : IDisposable
{
    readonly LogReader _reader;
    readonly LogPosition _from;

    DtlsSessionTopic(SavedSessions sessions, LogReader reader, LogPosition from) => (Sessions, _reader, _from) = (sessions, reader, from);

    public SavedSessions Sessions { get; }

    /// <inheritdoc cref="LogReader.Completion"/>
    public Task Completion => _reader.Completion;

    /// <summary>Null where sessions are not to be saved, or cannot be.</summary>
    public static DtlsSessionTopic? Of(
        GatewayConfiguration configuration, KafkaConnection connection, LogProducer producer, Topics topics, int slot, IngressTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        if (!configuration.Ingress.SaveDtlsSessions)
            return null;
        // There durable means until the process ends.
        var problem = connection.Embedded ? "the embedded broker ends with this process" : null;
        if (!CredentialKeys.TryRead(configuration.Credentials.Keys, out var keys, out var missing))
            problem ??= $"credentials.keys encrypts them: {missing}";
        if (problem is not null)
        {
            LogNotSaving(logger, problem);
            return null;
        }

        var sessions = new SavedSessions(
            keys!, (key, value, sink, cookie) => producer.TryAppend(topics.Dtls, slot, key, value, null, sink, cookie), configuration.Ingress.MaxSessions, telemetry, time, logger);
        return new DtlsSessionTopic(
            sessions, new LogReader(connection, $"{topics.Prefix}-ingress-{slot}-dtls", logger), new LogPosition(topics.Dtls, slot, LogPosition.Beginning));
    }

    /// <summary>Claims the sessions of the process before, and reserves numbers for them. Credentials have been read.</summary>
    public async Task RestoreAsync(SavedSessionJudge judge, CancellationToken stopping)
    {
        await Sessions.ClaimAsync(stopping);
        _reader.Start([_from], Sessions.Read);
        await Sessions.RestoreAsync(judge.Judge, stopping);
    }

    public void Dispose() => _reader.Dispose();

    [LoggerMessage(65, LogLevel.Warning, "ingress.save_dtls_sessions is passed over: {Problem}")]
    static partial void LogNotSaving(ILogger logger, string problem);
}
