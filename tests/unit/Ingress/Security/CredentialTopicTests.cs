using System.Text;
using System.Text.Json;
using Contracts.Configuration;
using Ingress;
using Ingress.Access;
using Ingress.Security;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>Credentials on Kafka: sealed, for their own record alone, and what a bad one does.</summary>
public sealed class CredentialTopicTests : ILogger
{
    const string First = "k1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const string Second = "k2:f00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const string Secret = "5365637265744b65";

    static readonly IngressTelemetry Telemetry =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());

    readonly List<string> _log = [];
    readonly CredentialTopic _topic;
    long _offset;

    public CredentialTopicTests() => _topic = new CredentialTopic(Keys(First), Telemetry, this);

    [Fact]
    public void Record_is_sealed_and_opened_by_each_key_that_is_known()
    {
        var (key, value) = Sealed($$"""{"endpoint": "dev-1", "psk": "{{Secret}}", "note": "left out"}""", First);
        Assert.Equal("psk:dev-1", Encoding.UTF8.GetString(key));
        Assert.Equal([1, 2, (byte)'k', (byte)'1'], value[..4]);
        Assert.Equal(-1, value.AsSpan().IndexOf("dev-1"u8));
        Assert.NotEqual(value, Sealed($$"""{"endpoint": "dev-1", "psk": "{{Secret}}", "note": "left out"}""", First).Value);

        Assert.True(CredentialRecord.TryRead(key, value, Keys(Second, First), out var texts, out var credential, out _));
        Assert.Equal(["endpoint", "psk"], texts.Keys);
        Assert.Equal(Convert.FromHexString(Secret), credential.Key);
        Assert.True(Keys(Second, First).IsOld(value));
        Assert.False(Keys(First, Second).IsOld(value));
    }

    // Sealed by another implementation of AES-GCM, to the form that is written down: every later version must open it.
    [Fact]
    public void Value_of_another_day_is_opened()
    {
        var value = Convert.FromHexString(Golden);
        Assert.Equal(SealVerdict.Opened, Keys(First).TryOpen("psk:dev-1"u8, value, out var plaintext));
        Assert.Equal("""{"endpoint":"dev-1","psk":"00"}""", Encoding.UTF8.GetString(plaintext));
    }

    [Fact]
    public void Record_counts_for_its_own_key_alone_and_unchanged()
    {
        var (key, value) = Sealed("""{"endpoint": "dev-1", "psk": "01"}""", First);
        Assert.Equal(SealVerdict.Forged, Keys(First).TryOpen("psk:dev-2"u8, value, out _));
        Assert.Equal(SealVerdict.UnknownKey, Keys(Second).TryOpen(key, value, out _));
        Assert.Equal(SealVerdict.Forged, Keys("k1" + Second[2..]).TryOpen(key, value, out _));
        for (var i = 0; i < value.Length; i++)
        {
            Assert.NotEqual(SealVerdict.Opened, Keys(First).TryOpen(key, value.AsSpan(0, i), out _));
            value[i] ^= 1;
            Assert.NotEqual(SealVerdict.Opened, Keys(First, Second).TryOpen(key, value, out _));
            value[i] ^= 1;
        }

        Assert.Equal(SealVerdict.Opened, Keys(First).TryOpen(key, value, out _));
    }

    [Fact]
    public void Any_bytes_are_a_record_that_says_nothing()
    {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var (key, value) = (new byte[random.Next(20)], new byte[random.Next(i % 10 == 0 ? 6000 : 60)]);
            random.NextBytes(key);
            random.NextBytes(value);
            if (value.Length > 4 && i % 2 == 0)
                (value[0], value[1], value[2], value[3]) = (1, 2, (byte)'k', (byte)'1');
            _topic.Read(new LogRecord("credentials", 0, i, key, value, [], 0));
        }

        Assert.Equal(0, _topic.Count);
    }

    [Theory]
    [InlineData("""{"endpoint": "dev-2", "psk": "5365637265744b65"}""")]
    [InlineData("""{"endpoint": "dev-1", "psk": "5365637265744b6"}""")]
    [InlineData("""{"endpoint": "dev-1"}""")]
    [InlineData("""{"endpoint": "\ud800", "psk": "01"}""")]
    [InlineData("[]")]
    [InlineData("5365637265744b65")]
    [InlineData("")]
    public void Entry_that_is_broken_takes_the_one_before_out_and_tells_nothing_of_itself(string json)
    {
        Write("""{"endpoint": "dev-1", "psk": "01"}""");
        Write("""{"endpoint": "other", "psk": "02"}""");
        var edition = _topic.Edition;
        var key = "psk:dev-1"u8.ToArray();
        _topic.Read(new LogRecord("credentials", 0, 17, key, Keys(First).Seal(key, Encoding.UTF8.GetBytes(json)), [], 0));
        Assert.Null(_topic.Find("psk:dev-1"));
        Assert.NotNull(_topic.Find("psk:other"));
        Assert.NotSame(edition, _topic.Edition);
        var told = Assert.Single(_log);
        Assert.Contains("offset 17 of the topic cannot be read (invalid)", told, StringComparison.Ordinal);
        Assert.DoesNotContain("dev-1", told, StringComparison.Ordinal);
        Assert.DoesNotContain("5365637265744b6", told, StringComparison.Ordinal);
    }

    [Fact]
    public void File_counts_before_the_topic_and_a_tombstone_takes_out()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """[{"endpoint": "dev-1", "psk": "0a"}]""");
            using var file = new CredentialFile(() => path, new FakeTimeProvider(), NullLogger.Instance);
            var all = new Credentials(file, _topic);
            Write("""{"endpoint": "dev-1", "psk": "01"}""");
            Write("""{"endpoint": "dev-2", "psk": "02"}""");
            Assert.Equal([0x0A], all.FindPsk("dev-1")!.Key);
            var known = all.FindPsk("dev-2")!;
            var edition = all.Edition;
            Assert.Same(edition, all.Edition);
            Assert.True(all.Holds(known));

            // Sealed anew it is the same.
            Write("""{"endpoint": "dev-2", "psk": "02"}""");
            Assert.True(all.Holds(known));

            _topic.Read(new LogRecord("credentials", 0, _offset++, "psk:dev-2"u8.ToArray(), null, [], 0));
            Assert.NotSame(edition, all.Edition);
            Assert.False(all.Holds(known));
            Assert.Null(all.FindPsk("dev-2"));
            Assert.True(all.Holds(all.FindPsk("dev-1")!));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("there is none")]
    [InlineData("number 1 is not NAME:KEY", "0102030405060708090a0b0c0d0e0f10")]
    [InlineData("number 1 is not NAME:KEY", "k1:0102")]
    [InlineData("number 1 is not NAME:KEY", "a b:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]
    [InlineData("number 2 is not NAME:KEY", First, "k2:x00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]
    [InlineData("number 2 has the name of another one", First, First)]
    public void Key_that_is_none_is_named_without_itself(string expected, params string[] keys)
    {
        Assert.False(CredentialKeys.TryRead(keys, out _, out var problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("0102", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_keys_the_topic_is_refused_at_start()
    {
        var services = new ServiceCollection();
        var kafka = new KafkaConnection("", true, new KafkaOptions(), null);
        var problem = Assert.Throws<global::Hosting.ConfigurationException>(() => services.AddIngress(kafka, new CredentialsOptions { Kafka = true })).Message;
        Assert.Contains("credentials.keys", problem, StringComparison.Ordinal);
        services.AddIngress(kafka, new CredentialsOptions { Kafka = true, Keys = [First] });
    }

    [Fact]
    public void Nothing_that_holds_a_key_prints_it()
    {
        Write($$"""{"endpoint": "dev-1", "psk": "{{Secret}}"}""");
        var options = new GatewayConfiguration { Credentials = new CredentialsOptions { Keys = [First] } };
        foreach (var printed in new object[] { options, options.Credentials, Keys(First), _topic, _topic.Find("psk:dev-1")! })
        {
            Assert.DoesNotContain(Secret, printed.ToString(), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(First[3..], printed.ToString(), StringComparison.OrdinalIgnoreCase);
        }
    }

    const string Golden = "01026b31a0a1a2a3a4a5a6a7a8a9aaab9d3a194321bb6dd60c11a5e9251ea5a85d9d7b3cb0c73107be3404b64f8908e3ec65b88bc22915e65923880472f402";

    void Write(string json)
    {
        var (key, value) = Sealed(json, First);
        _topic.Read(new LogRecord("credentials", 0, _offset++, key, value, [], 0));
    }

    static (byte[] Key, byte[] Value) Sealed(string json, string key)
    {
        using var read = JsonDocument.Parse(json);
        var credential = CredentialEntry.Read(read.RootElement, "the entry");
        return (CredentialRecord.KeyOf(credential.Identity), CredentialRecord.Write(HttpReply.TextsOf(read.RootElement), credential, Keys(key)));
    }

    static CredentialKeys Keys(params string[] texts) => CredentialKeys.TryRead(texts, out var keys, out var problem) ? keys : throw new ArgumentException(problem);

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Add(formatter(state, exception));
}
