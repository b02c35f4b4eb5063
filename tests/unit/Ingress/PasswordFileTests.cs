using Contracts;
using Contracts.Configuration;
using Ingress.Access;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Pipeline.Tests.Ingress;

/// <summary>Users in a file, as EMQX imports them.</summary>
public sealed class PasswordFileTests : IDisposable
{
    readonly string _file = Path.GetTempFileName();
    readonly FakeTimeProvider _time = new();

    public void Dispose() => File.Delete(_file);

    // Made by another implementation, of the password "public".
    [Theory]
    [InlineData("plain", "prefix", "public", "")]
    [InlineData("sha256", "disable", "efa1f375d76194fa51a3556a97e641e61685f914d446979da50a551a4333ffd7", "")]
    [InlineData("sha256", "prefix", "8586f46452c265d7126e80799a5835087b7ec412a091a46ea0f03e75436d7679", "slat")]
    [InlineData("sha256", "suffix", "895fe8e9e3862ab54fb64e0c2be1dc872140a0cc161b1e8dbc6eb070a587dd6d", "slat")]
    [InlineData("sha512", "suffix", "6dd879376ea9ad4779109d84614439de4afb9ce83877f3fdf358b3cf104a68347da8f4caece3c2ef6b7d7ed84b64a12d3afe3324e1a148289ea84a6fb48ebd94", "slat")]
    [InlineData("pbkdf2", "prefix", "6d4d147b4dc7f8b3103bedc4b8df1bbd664c533deb77ff017a55c6ab99e8e2a4", "slat")]
    public async Task Passwords_fit_their_hashes(string name, string position, string hash, string salt)
    {
        var users = Users(new PasswordHashOptions { Name = name, SaltPosition = position, Iterations = 4096 });
        Write($$"""[{"user_id": "u", "password_hash": "{{hash}}", "salt": "{{salt}}", "is_superuser": true, "client_attrs": {"tenant": "blue"} }]""");
        var known = await AskAsync(users, "u", "public");
        Assert.Equal((HttpResult.Allow, true, "blue"), (known.Result, known.IsSuperuser, known.Attributes["tenant"]));
        Assert.Equal(HttpResult.Deny, (await AskAsync(users, "u", "Public")).Result);
        Assert.Equal(HttpResult.Deny, (await AskAsync(users, "u", null)).Result);
        Assert.Equal(HttpResult.Deny, (await AskAsync(users, "u", hash + "x")).Result);
        Assert.Equal(HttpResult.Deny, (await AskAsync(users, "v", "public")).Result);
    }

    // The algorithm's own test vectors: RFC 6070, and RFC 7914 section 11.
    [Theory]
    [InlineData("sha", "password", "salt", 4096, 20, "4b007901b765489abead49d926f721d065a429c1")]
    [InlineData("sha256", "passwd", "salt", 1, 64, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783")]
    public void Pbkdf2_is_that_of_the_RFCs(string hash, string password, string salt, int iterations, int length, string expected) =>
        Assert.True(new PasswordHash(new PasswordHashOptions { Name = "pbkdf2", MacFun = hash, Iterations = iterations, DkLength = length }).Fits(password, expected, salt));

    [Fact]
    public async Task An_algorithm_that_is_not_to_be_had_fits_nothing()
    {
        var users = Users(new PasswordHashOptions { Name = "bcrypt" });
        Write("""[{"user_id": "u", "password_hash": "x"}]""");
        Assert.Equal(HttpResult.Deny, (await AskAsync(users, "u", "x")).Result);
    }

    [Fact]
    public async Task Users_can_be_known_by_client_id()
    {
        var users = new PasswordFile(new AuthenticationOptions { File = _file, UserIdType = "clientid", PasswordHashAlgorithm = new() { Name = "plain" } }, _time, NullLogger.Instance);
        Write("""[{"user_id": "c-u", "password_hash": "x"}]""");
        Assert.Equal(HttpResult.Allow, (await AskAsync(users, "u", "x")).Result);
    }

    [Fact]
    public async Task The_file_is_read_again_when_it_changes_and_a_broken_one_changes_nothing()
    {
        var users = Users(new PasswordHashOptions { Name = "plain" });
        Write("""[{"user_id": "u", "password_hash": "x"}]""");
        Assert.Equal(HttpResult.Allow, (await AskAsync(users, "u", "x")).Result);

        foreach (var broken in new[] { "", "{", "{}", "[1]", """[{"user_id": "u"}]""", """[{"user_id": "\ud800", "password_hash": "x"}]""" })
        {
            Write(broken);
            Assert.Equal(HttpResult.Allow, (await AskAsync(users, "u", "x")).Result);
        }

        Write("""[{"user_id": "u", "password_hash": "yy"}]""");
        Assert.Equal(HttpResult.Deny, (await AskAsync(users, "u", "x")).Result);
        Assert.Equal(HttpResult.Allow, (await AskAsync(users, "u", "yy")).Result);
        File.Delete(_file);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpResult.Allow, (await AskAsync(users, "u", "yy")).Result);
    }

    [Fact]
    public async Task Without_a_file_nobody_can_be_asked()
    {
        File.Delete(_file);
        Assert.Equal(HttpResult.Unreachable, (await AskAsync(Users(new()), "u", "x")).Result);
    }

    PasswordFile Users(PasswordHashOptions algorithm) =>
        new(new AuthenticationOptions { File = _file, PasswordHashAlgorithm = algorithm }, _time, NullLogger.Instance);

    void Write(string text)
    {
        File.WriteAllText(_file, text);
        // Whatever the clock of the file system can tell apart.
        File.SetLastWriteTimeUtc(_file, DateTime.UnixEpoch.AddSeconds(_time.GetUtcNow().ToUnixTimeSeconds() % 1_000_000));
        _time.Advance(TimeSpan.FromSeconds(2));
    }

    static Task<Authentication> AskAsync(PasswordFile users, string user, string? password) =>
        users.AuthenticateAsync(new AdmissionQuestion("ep1", new ClientIdentity { Username = user, Clientid = "c-" + user }, password), CancellationToken.None);
}
