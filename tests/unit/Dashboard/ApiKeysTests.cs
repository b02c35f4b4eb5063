using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Contracts.Configuration;
using Dashboard;
using Dashboard.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Pipeline.Tests.Dashboard;

public sealed class ApiKeysTests : IDisposable
{
    readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("127.0.0.1", "localhost:18083", null, 200)]
    [InlineData("::1", "[::1]:18083", null, 200)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1", null, 200)]
    [InlineData("192.0.2.1", "localhost:18083", null, 403)]
    [InlineData("127.0.0.1", "evil.example:18083", null, 403)]
    [InlineData("127.0.0.1", "localhost:18083", "http://localhost:18083", 200)]
    [InlineData("127.0.0.1", "localhost:18083", "http://evil.example", 403)]
    [InlineData("127.0.0.1", "localhost:18083", "null", 403)]
    public void Without_keys_it_is_for_this_machine_only(string remote, string host, string? origin, int status) =>
        Assert.Equal(status, Ask(Keys(), remote, null, host, origin));

    [Theory]
    [InlineData("ops:secret", 200)]
    [InlineData("app:with:colon", 200)]
    [InlineData("ops:Secret", 401)]
    [InlineData("ops:secret2", 401)]
    [InlineData("ops", 401)]
    [InlineData("", 401)]
    public void With_keys_who_names_one_may_ask_from_anywhere(string key, int status) =>
        Assert.Equal(status, Ask(Keys("ops:secret", "app:with:colon"), "192.0.2.1", Basic(key), "gateway.example"));

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer abc")]
    [InlineData("Basic !!!")]
    [InlineData("Basic")]
    public void What_is_no_key_is_refused(string? authorization) =>
        Assert.Equal(401, Ask(Keys("ops:secret"), "127.0.0.1", authorization));

    [Fact]
    public void Wrong_keys_are_limited_by_source_and_time_heals()
    {
        var keys = Keys("ops:secret");
        for (var i = 0; i < FailureLimit.Burst; i++)
            Assert.Equal(401, Ask(keys, "192.0.2.1", Basic("ops:" + i)));
        Assert.Equal(429, Ask(keys, "192.0.2.1", Basic("ops:secret")));
        Assert.Equal(200, Ask(keys, "192.0.2.2", Basic("ops:secret")));

        _time.Advance(FailureLimit.Recovery);
        Assert.Equal(200, Ask(keys, "192.0.2.1", Basic("ops:secret")));
        Assert.Equal(401, Ask(keys, "192.0.2.1", Basic("ops:wrong")));
        Assert.Equal(429, Ask(keys, "192.0.2.1", Basic("ops:secret")));
    }

    [Fact]
    public void To_ask_without_a_key_is_no_failure()
    {
        var keys = Keys("ops:secret");
        for (var i = 0; i < 100; i++)
            Assert.Equal(401, Ask(keys, "192.0.2.1", null));
        Assert.Equal(200, Ask(keys, "192.0.2.1", Basic("ops:secret")));
    }

    [Theory]
    [InlineData("127.0.0.1:1", "", "")]
    [InlineData("[::1]:1", "", "")]
    [InlineData("0.0.0.0:1", "", "http.bind")]
    [InlineData("18083", "", "http.bind")]
    [InlineData("192.0.2.1:1", "a:b", "")]
    [InlineData("127.0.0.1:1", "a", "http.api_keys.0")]
    [InlineData("127.0.0.1:1", ":b", "http.api_keys.0")]
    [InlineData("127.0.0.1:1", "a:", "http.api_keys.0")]
    public void Only_a_safe_door_opens(string bind, string key, string problem)
    {
        Assert.True(BindAddress.TryParse(bind, out var address));
        var problems = ApiKeys.ProblemsOf(new HttpOptions { Bind = address, ApiKeys = key.Length == 0 ? [] : [key] }).ToList();
        Assert.Equal(problem.Length == 0 ? 0 : 1, problems.Count);
        Assert.All(problems, p => Assert.StartsWith(problem, p, StringComparison.Ordinal));
        Assert.All(problems, p => Assert.DoesNotContain("a:b", p, StringComparison.Ordinal));
    }

    [Fact]
    public void Sources_beyond_the_tables_room_share_an_allowance()
    {
        var limit = new FailureLimit(_time);
        for (var i = 0; i < 20_000; i++)
            limit.Failed(new IPAddress(i + 1));
        Assert.True(limit.IsReached(new IPAddress(30_000)));
        _time.Advance(FailureLimit.Recovery * 20_000);
        Assert.False(limit.IsReached(new IPAddress(30_000)));
    }

    public void Dispose() => _services.Dispose();

    ApiKeys Keys(params string[] keys) => new(keys, new DashboardTelemetry(_services.GetRequiredService<IMeterFactory>()), _time);

    static int Ask(ApiKeys keys, string remote, string? authorization, string host = "localhost", string? origin = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        context.Request.Host = new HostString(host);
        if (authorization is not null)
            context.Request.Headers.Authorization = authorization;
        if (origin is not null)
            context.Request.Headers.Origin = origin;
        return keys.Refuse(context)?.Status ?? 200;
    }

    static string Basic(string key) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(key));
}
