using System.Text.Json;
using Contracts.Configuration;
using Microsoft.Extensions.Logging;

namespace Ingress.Access;

/// <summary>
/// Users of a file. It is looked at with the first question after a second, and read again when it has changed; a broken one leaves the
/// last good one in force. Where none could ever be read, nobody can be asked: devices come again.
/// </summary>
sealed partial class PasswordFile(AuthenticationOptions options, TimeProvider time, ILogger logger) : IAuthenticator
{
    const string Refusal = "not authorized: bad user name or password";

    static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    readonly PasswordHash _hash = new(options.PasswordHashAlgorithm);
    readonly Lock _lock = new();
    Dictionary<string, User>? _users;
    (DateTime Written, long Length) _version;
    long? _looked;

    public Task<Authentication> AuthenticateAsync(AdmissionQuestion question, CancellationToken stopping)
    {
        var users = Users();
        if (users is null)
            return Task.FromResult(new Authentication(HttpResult.Unreachable));
        var name = options.UserIdType == "clientid" ? question.Client.Clientid : question.Client.Username;
        if (!users.TryGetValue(name, out var user) || question.Password is null || !_hash.Fits(question.Password, user.Hash, user.Salt))
            return Task.FromResult(new Authentication(HttpResult.Deny, Refusal));
        return Task.FromResult(new Authentication(HttpResult.Allow) { IsSuperuser = user.IsSuperuser, Attributes = user.Attributes });
    }

    public void Dispose()
    {
    }

    Dictionary<string, User>? Users()
    {
        lock (_lock)
        {
            if (_looked is { } looked && time.GetElapsedTime(looked) < Period)
                return _users;
            _looked = time.GetTimestamp();
            try
            {
                // Of the opened file, so that a link that points elsewhere now is seen.
                using var file = File.OpenHandle(options.File!);
                var version = (File.GetLastWriteTimeUtc(file), RandomAccess.GetLength(file));
                if (version == _version)
                    return _users;
                _version = version;
                using var stream = new FileStream(file, FileAccess.Read);
                _users = Read(stream);
                LogRead(_users.Count, options.File!);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException or InvalidOperationException)
            {
                LogBroken(options.File!, e.Message);
            }

            return _users;
        }
    }

    static Dictionary<string, User> Read(Stream stream)
    {
        using var json = JsonDocument.Parse(stream, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (json.RootElement.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException("it is no JSON list");
        Dictionary<string, User> users = [];
        foreach (var item in json.RootElement.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"entry {users.Count + 1} is no object");
            var texts = HttpReply.TextsOf(item);
            if (!texts.TryGetValue("user_id", out var id) || !texts.TryGetValue("password_hash", out var hash))
                throw new InvalidDataException($"entry {users.Count + 1} has no user_id or no password_hash");
            users[id] = new User(
                hash,
                texts.GetValueOrDefault("salt", ""),
                item.TryGetProperty("is_superuser", out var superuser) && superuser.ValueKind == JsonValueKind.True,
                item.TryGetProperty("client_attrs", out var attributes) && attributes.ValueKind == JsonValueKind.Object
                    ? HttpReply.TextsOf(attributes)
                    : Authentication.NoAttributes);
        }

        return users;
    }

    sealed record User(string Hash, string Salt, bool IsSuperuser, IReadOnlyDictionary<string, string> Attributes);

    [LoggerMessage(24, LogLevel.Information, "{Count} users were read from {File}")]
    partial void LogRead(int count, string file);

    [LoggerMessage(25, LogLevel.Error, "The users in {File} cannot be read: {Reason}; what was read last stays in force")]
    partial void LogBroken(string file, string reason);
}
