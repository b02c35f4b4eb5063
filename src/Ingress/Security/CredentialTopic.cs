using System.Collections.Concurrent;
using System.Text;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Ingress.Security;

/// <summary>
/// The credentials of the topic, as its records come; read by any thread. A record that cannot be opened or understood takes its identity out:
/// whoever wrote it wanted the one before to count no more, and what counts must not depend on when a process was started.
/// </summary>
sealed partial class CredentialTopic(CredentialKeys keys, IngressTelemetry telemetry, ILogger logger)
{
    /// <summary>Most credentials that are kept.</summary>
    public const int Most = 1_000_000;

    readonly ConcurrentDictionary<string, Credential> _byIdentity = new(StringComparer.Ordinal);
    volatile object _edition = new();

    /// <summary>Null where credentials are not to be read from Kafka.</summary>
    public static CredentialTopic? Of(CredentialsOptions options, IngressTelemetry telemetry, ILogger logger) =>
        options.Kafka && CredentialKeys.TryRead(options.Keys, out var keys, out _) ? new CredentialTopic(keys, telemetry, logger) : null;

    public int Count => _byIdentity.Count;

    /// <summary>Another object with every record that may have taken a credential away.</summary>
    public object Edition => _edition;

    public Credential? Find(string identity) => _byIdentity.GetValueOrDefault(identity);

    /// <summary>Called by one thread.</summary>
    public void Read(in LogRecord record)
    {
        var identity = Encoding.UTF8.GetString(record.Key);
        var known = Find(identity);
        if (record.Value is null)
        {
            Take(identity, null);
            Tell("removed");
        }
        else if (!CredentialRecord.TryRead(record.Key, record.Value, keys, out _, out var credential, out var reason))
        {
            Take(identity, null);
            Tell(reason);
            // Whoever may write there chooses the key of the record: it is not for the log.
            LogUnreadable(record.Offset, reason);
        }
        else if (known is null && _byIdentity.Count >= Most)
        {
            Tell("too_many");
            LogTooMany(Most, record.Offset);
        }
        else
        {
            Take(identity, credential);
            Tell("taken");
        }
    }

    // First what counts, then that it has changed: who reads the new edition finds the new credential.
    void Take(string identity, Credential? credential)
    {
        if (credential is not null)
            _byIdentity[identity] = credential;
        else if (!_byIdentity.TryRemove(identity, out _))
            return;
        _edition = new object();
    }

    void Tell(string result) => telemetry.CredentialRecords.Add(1, new KeyValuePair<string, object?>("result", result));

    [LoggerMessage(54, LogLevel.Error, "The credential at offset {Offset} of the topic cannot be read ({Reason}): its identity has none now")]
    partial void LogUnreadable(long offset, string reason);

    [LoggerMessage(55, LogLevel.Error, "There are {Most} credentials: that at offset {Offset} of the topic is left out, and all further ones")]
    partial void LogTooMany(int most, long offset);
}
