using System.Text;
using Ingress.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>Credentials in a file, and for whom they count.</summary>
public sealed class CredentialTests : IDisposable
{
    readonly string _file = Path.GetTempFileName();
    readonly FakeTimeProvider _time = new();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Entry_needs_a_name_only_once()
    {
        var set = Read("""
            [ {"endpoint": "dev-1", "identity": "id-1", "psk": "0A0b"}, {"endpoint": "dev-2", "psk": "01"}, {"identity": "dev-3", "psk": "01"},
              {"identity": "site-7", "endpoint": "urn:site-7:*", "psk": "01"}, {"identity": "4711", "endpoint": "urn:imei:${identity}", "psk": "01"}, ]
            """);
        Assert.Equal(5, set.Count);
        Assert.Equal([0x0A, 0x0B], set.FindPsk("id-1")!.Key);
        Assert.True(Counts(set, "id-1", "dev-1"));
        Assert.False(Counts(set, "id-1", "id-1"));
        Assert.True(Counts(set, "dev-2", "dev-2") && Counts(set, "dev-3", "dev-3"));
        Assert.True(Counts(set, "site-7", "urn:site-7:a") && Counts(set, "site-7", "urn:site-7:"));
        Assert.False(Counts(set, "site-7", "urn:site-8:a"));
        Assert.True(Counts(set, "4711", "urn:imei:4711"));
        Assert.False(Counts(set, "4711", "urn:imei:47110"));
        Assert.Null(set.FindPsk("dev-1"));
    }

    [Theory]
    [InlineData("{}", "no JSON list")]
    [InlineData("[1]", "entry 1 is no object")]
    [InlineData("""[{"endpoint": "a", "psk": "01"}, {"endpoint": "b"}]""", "entry 2 must have one of psk, rpk and x509")]
    [InlineData("""[{"endpoint": "a", "psk": "01", "rpk": "secret"}]""", "entry 1 must have one of")]
    [InlineData("""[{"endpoint": "a", "rpk": "c2VjcmV0"}]""", "the rpk of entry 1 must be a SubjectPublicKeyInfo")]
    [InlineData("""[{"endpoint": "a", "rpk": "*secret"}]""", "the rpk of entry 1")]
    [InlineData("""[{"endpoint": "a", "x509": "0102"}]""", "the x509 of entry 1 must be the SHA-256")]
    [InlineData("""[{"psk": "01"}]""", "entry 1 has neither identity nor endpoint")]
    [InlineData("""[{"endpoint": "a", "psk": "secret"}]""", "the psk of entry 1 must be 1 to 64 bytes in hex")]
    [InlineData("""[{"endpoint": "a", "psk": ""}]""", "the psk of entry 1")]
    [InlineData("""[{"endpoint": "a", "psk": "01"}, {"identity": "a", "psk": "02"}]""", "entry 2 has the identity of another one")]
    public void Bad_entry_is_named_without_its_secret(string json, string expected)
    {
        var problem = Assert.Throws<InvalidDataException>(() => Read(json)).Message;
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void File_is_read_again_when_it_changes_and_a_broken_one_changes_nothing()
    {
        Write("""[{"endpoint": "a", "psk": "01"}]""", 1);
        using var file = new CredentialFile(() => _file, _time, NullLogger.Instance);
        var first = file.Current;
        Assert.Equal(1, first.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Same(first, file.Current);

        Write("""[{"endpoint": "a", "psk": "01"}, {"endpoint": "b", "psk": "01"}]""", 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, file.Current.Count);
        Assert.True(new Credentials(file).Holds(first.FindPsk("a")!));

        Write("[", 3);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, file.Current.Count);

        Write("""[{"endpoint": "a", "psk": "02"}]""", 4);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(new Credentials(file).Holds(first.FindPsk("a")!));
    }

    [Fact]
    public void Without_a_file_nobody_is_known()
    {
        string? path = null;
        using var file = new CredentialFile(() => path, _time, NullLogger.Instance);
        Assert.Equal(0, file.Current.Count);
        Write("""[{"endpoint": "a", "psk": "01"}]""", 1);
        path = _file;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, file.Current.Count);
        path = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, file.Current.Count);
    }

    [Fact]
    public void Secret_is_not_what_is_printed() =>
        Assert.Equal("psk:a", Read("""[{"endpoint": "a", "psk": "414243"}]""").FindPsk("a")!.ToString());

    // The same number in each process and each version, for it stands in the session records.
    [Fact]
    public void Identity_has_its_number() => Assert.Equal(0x821412D62CF4C598, Read("""[{"endpoint": "dev-1", "psk": "01"}]""").FindPsk("dev-1")!.Proof);

    static bool Counts(CredentialSet set, string identity, string endpoint) => set.FindPsk(identity)!.Endpoints.Allows(endpoint);

    static CredentialSet Read(string json) => CredentialSet.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)));

    void Write(string json, int version)
    {
        File.WriteAllText(_file, json);
        File.SetLastWriteTimeUtc(_file, DateTime.UnixEpoch.AddDays(version));
    }
}
