using Contracts.Configuration;
using Ingress;
using Ingress.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Protocol.Dtls;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>Keys that an HTTP server knows: who is asked about when, and what counts while there is no answer.</summary>
public sealed class CredentialServerTests : IAsyncLifetime, ILogger
{
    const string Secret = "5365637265744b65";

    internal static readonly IngressTelemetry Telemetry =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());

    readonly FakeTimeProvider _time = new();
    readonly List<string> _log = [];
    AskedServer _server = null!;
    CredentialServer _credentials = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await AskedServer.StartAsync();
        var options = new CredentialLookupOptions { Url = _server.Url + "/keys/${kind}/${identity}", Ttl = TimeSpan.FromMinutes(1), Grace = TimeSpan.FromHours(1) };
        _credentials = new CredentialServer(options, Telemetry, _time, this);
    }

    public async ValueTask DisposeAsync()
    {
        _credentials.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public void Identity_is_asked_about_once_in_its_time()
    {
        _server.Say($$"""{"endpoint": "urn:${identity}", "psk": "{{Secret}}"}""");
        var credential = _credentials.Ask("psk:id 1/2")!;
        Assert.Equal(("psk:id 1/2", "urn:id 1/2", Secret, true), (credential.Identity, credential.Endpoints.Only, Convert.ToHexStringLower(credential.Key), credential.IsLookedUp));
        Assert.Same(credential, _credentials.Ask("psk:id 1/2"));
        var asked = Assert.Single(_server.Requests);
        Assert.Equal(("GET", "/keys/psk/id%201%2F2"), (asked.Method, asked.Target));
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.NotSame(credential, _credentials.Ask("psk:id 1/2"));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(204)]
    public void Nobody_is_remembered_for_a_moment(int status)
    {
        _server.Answer = _ => (status, "", "");
        Assert.Null(_credentials.Ask("psk:new"));
        Assert.Null(_credentials.Ask("psk:new"));
        Assert.Single(_server.Requests);
        _server.Say($$"""{"endpoint": "new", "psk": "{{Secret}}"}""");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.NotNull(_credentials.Ask("psk:new"));
    }

    [Theory]
    [InlineData(500, "")]
    [InlineData(403, "")]
    [InlineData(200, "no JSON " + Secret)]
    [InlineData(200, "[]")]
    [InlineData(200, """{"identity": "somebody else", "psk": "5365637265744b65"}""")]
    [InlineData(200, """{"endpoint": "id-1", "psk": "5365637265744b65x"}""")]
    [InlineData(200, """{"endpoint": "id-1", "x509": "5365637265744b65"}""")]
    public void What_is_no_answer_lets_nobody_in_says_nobody_is_unknown_and_no_secret(int status, string body)
    {
        _server.Answer = _ => (status, "application/json", body);
        Assert.Throws<KeysUnreachableException>(() => _credentials.Ask("psk:id-1"));
        Assert.NotEmpty(_log);
        Assert.DoesNotContain(_log, line => line.Contains(Secret, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void What_was_said_counts_while_the_server_is_away_and_not_for_ever()
    {
        _server.Say($$"""{"psk": "{{Secret}}"}""");
        var credential = _credentials.Ask("psk:id-1")!;
        _server.Answer = _ => (503, "", "");
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Same(credential, _credentials.Ask("psk:id-1"));
        _time.Advance(TimeSpan.FromMinutes(32));
        Assert.Throws<KeysUnreachableException>(() => _credentials.Ask("psk:id-1"));
        // A session is not ended by silence.
        Assert.True(_credentials.Holds(credential));
    }

    [Fact]
    public async Task Who_is_taken_out_there_is_out_here_when_he_is_heard_again()
    {
        _server.Say($$"""{"psk": "{{Secret}}"}""");
        var credential = _credentials.Ask("psk:id-1")!;
        var edition = _credentials.Edition;
        Assert.True(_credentials.Holds(credential));
        Assert.Same(edition, _credentials.Edition);
        _server.Answer = _ => (404, "", "");
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.NotSame(edition, edition = _credentials.Edition);
        // It waits for nobody: this message passes, the next does not.
        Assert.True(_credentials.Holds(credential));
        await ChangedFromAsync(edition);
        Assert.False(_credentials.Holds(credential));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task Changed_key_ends_what_was_made_with_the_old_one()
    {
        _server.Say($$"""{"psk": "{{Secret}}"}""");
        var credential = _credentials.Ask("psk:id-1")!;
        _server.Say("""{"psk": "01"}""");
        _time.Advance(TimeSpan.FromSeconds(30));
        var edition = _credentials.Edition;
        Assert.True(_credentials.Holds(credential));
        await ChangedFromAsync(edition);
        Assert.False(_credentials.Holds(credential));
        Assert.Equal([1], _credentials.Ask("psk:id-1")!.Key);
    }

    [Fact]
    public async Task Saved_session_goes_on_until_the_server_says_otherwise()
    {
        var credential = new Credential("psk:id-1", new EndpointRule("urn:*", "id-1"), [1]);
        _server.Say("""{"endpoint": "urn:*", "psk": "01"}""");
        var saved = Credential.OfPrint("psk:id-1", EndpointRule.Of("urn:", isPrefix: true), credential.Print);
        Assert.True(_credentials.Holds(saved));
        await Eventually(() => _credentials.Count == 1);
        Assert.True(_credentials.Holds(saved));
        Assert.True(saved.Endpoints.Allows("urn:7"));
        Assert.False(_credentials.Holds(Credential.OfPrint("psk:id-1", EndpointRule.Of("urn:", isPrefix: false), credential.Print)));
        Assert.False(_credentials.Holds(Credential.OfPrint("psk:id-1", EndpointRule.Of("urn:", isPrefix: true), new byte[32])));
    }

    [Fact]
    public async Task Same_question_is_under_way_once_and_no_more_handshakes_wait_than_may()
    {
        var gate = new TaskCompletionSource();
        _server.Hesitation = () => gate.Task;
        _server.Say($$"""{"psk": "{{Secret}}"}""");
        var waiting = Enumerable.Range(0, CredentialServer.MostWaiting).Select(_ => Run(() => _credentials.Ask("psk:id-1"))).ToList();
        await Eventually(() => _credentials.Waiting == CredentialServer.MostWaiting);
        Assert.Throws<KeysUnreachableException>(() => _credentials.Ask("psk:id-2"));
        gate.SetResult();
        foreach (var credential in await Task.WhenAll(waiting))
            Assert.Equal("psk:id-1", credential!.Identity);
        Assert.Single(_server.Requests);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_log)
            _log.Add(formatter(state, exception) + exception);
    }

    // Its own thread, as a handshake has one.
    static Task<Credential?> Run(Func<Credential?> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    Task ChangedFromAsync(object edition) => Eventually(() => !ReferenceEquals(edition, _credentials.Edition));

    static async Task Eventually(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
            await Task.Delay(5, patience.Token);
    }
}
