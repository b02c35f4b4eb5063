using System.Net.Sockets;
using Contracts;
using Contracts.Configuration;
using Hosting;
using Ingress;
using Ingress.Access;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Tests.Hosting;

namespace Pipeline.Tests.Ingress;

/// <summary>Authenticators and authorization sources as EMQX's documentation configures them, asked over HTTP.</summary>
public sealed class HttpAdmissionTests : IAsyncLifetime
{
    static readonly System.Diagnostics.Metrics.IMeterFactory Meters =
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();

    readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    readonly List<Admission> _admissions = [];
    AskedServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await AskedServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _admissions.ForEach(admission => admission.Dispose());
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_question_is_posted_as_JSON_and_the_whole_answer_counts()
    {
        _server.Say("""{"result": "allow", "is_superuser": true, "client_attrs": {"tenant": "blue", "n": 1}, "expire_at": 1700000600}""");
        var verdict = await AskAsync(Documented());
        Assert.Equal((VerdictKind.Admitted, true, 1_700_000_600_000), (verdict.Kind, verdict.IsSuperuser, verdict.AdmittedUntilMs));
        Assert.Equal(new Dictionary<string, string> { ["tenant"] = "blue" }, verdict.Client!.ClientAttrs);
        var request = Assert.Single(_server.Requests);
        Assert.Equal(("POST", "/auth?e=ep%201%2F..", "application/json", "blue-7"), (request.Method, request.Target, request.ContentType, request.Tenant));
        Assert.Equal("""{"clientid":"8","username":"7","password":"se\"cret","peerhost":"192.0.2.1","cert":""}""", request.Body);
    }

    [Fact]
    public async Task A_question_by_GET_has_its_fields_in_the_query()
    {
        var verdict = await AskAsync(Documented().Replace("method = post", "method = get", StringComparison.Ordinal));
        Assert.Equal(VerdictKind.Admitted, verdict.Kind);
        var request = Assert.Single(_server.Requests);
        Assert.Equal(("GET", "/auth?e=ep%201%2F..&clientid=8&username=7&password=se%22cret&peerhost=192.0.2.1&cert="), (request.Method, request.Target));
    }

    [Fact]
    public async Task A_form_is_sent_and_read()
    {
        _server.Answer = _ => (200, "application/x-www-form-urlencoded", "result=allow&is_superuser=true");
        var verdict = await AskAsync(Documented().Replace("application/json", "application/x-www-form-urlencoded", StringComparison.Ordinal));
        Assert.Equal((VerdictKind.Admitted, true), (verdict.Kind, verdict.IsSuperuser));
        Assert.Equal("clientid=8&username=7&password=se%22cret&peerhost=192.0.2.1&cert=", Assert.Single(_server.Requests).Body);
    }

    [Theory]
    [InlineData(204, "", "", "Admitted")]
    [InlineData(200, "application/json", """{"result": "allow"}""", "Admitted")]
    [InlineData(200, "application/json", """{"result": "allow", "expire_at": 1600000000}""", "Refused")]
    [InlineData(200, "application/json", """{"result": "allow", "expire_at": "soon"}""", "Refused")]
    [InlineData(200, "application/json", """{"result": "deny"}""", "Refused")]
    [InlineData(200, "application/json", """{"result": "ignore"}""", "Refused")]
    [InlineData(200, "application/json", """{"result": true}""", "Refused")]
    [InlineData(200, "application/json", "{}", "Refused")]
    [InlineData(401, "application/json", """{"result": "allow"}""", "Refused")]
    [InlineData(302, "", "", "Refused")]
    [InlineData(200, "text/html", "<p>a proxy", "Unreachable")]
    [InlineData(200, "application/json", "[]", "Unreachable")]
    [InlineData(200, "application/json", """{"result": "allow", "client_attrs": {"a": "\ud800"}}""", "Unreachable")]
    [InlineData(200, "application/json; charset=nonsense", """{"result": "allow"}""", "Unreachable")]
    [InlineData(429, "", "", "Unreachable")]
    [InlineData(500, "application/json", """{"result": "allow"}""", "Unreachable")]
    [InlineData(503, "", "", "Unreachable")]
    public async Task Every_answer_is_understood_as_EMQX_does_or_taken_for_none(int status, string type, string body, string expected)
    {
        _server.Answer = _ => (status, type, body);
        var verdict = await AskAsync(Documented());
        Assert.Equal(expected, verdict.Kind.ToString());
        Assert.Equal(verdict.Kind == VerdictKind.Refused, verdict.Reason.StartsWith("not authorized", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_without_end_is_none()
    {
        _server.Answer = _ => (200, "application/json", new string(' ', 1 << 20) + """{"result": "allow"}""");
        Assert.Equal(VerdictKind.Unreachable, (await PassTimeAsync(AskAsync(Documented()))).Kind);
    }

    [Fact]
    public async Task A_server_that_fails_is_left_alone_for_a_while()
    {
        _server.Answer = _ => (500, "", "");
        var admission = Make(Documented());
        for (var i = 0; i < 20; i++)
            Assert.Equal(VerdictKind.Unreachable, (await AskAsync(admission)).Kind);
        Assert.Equal(10, _server.Requests.Count);

        _server.Answer = _ => (204, "", "");
        Assert.Equal(VerdictKind.Unreachable, (await AskAsync(admission)).Kind);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(VerdictKind.Admitted, (await AskAsync(admission)).Kind);
    }

    [Fact]
    public async Task Where_nobody_listens_the_question_is_asked_once_more()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        var url = $"http://{closed.LocalEndPoint}";
        Assert.Equal(VerdictKind.Unreachable, (await PassTimeAsync(AskAsync(Documented().Replace(_server.Url, url, StringComparison.Ordinal)))).Kind);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_given_up()
    {
        var asked = new TaskCompletionSource();
        _server.Hesitation = () =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
        };
        var question = AskAsync(Documented());
        await asked.Task;
        Assert.False(question.IsCompleted);
        Assert.Equal(VerdictKind.Unreachable, (await PassTimeAsync(question)).Kind);
    }

    [Theory]
    [InlineData("""{"result": "allow", "client_attrs": {"endpoint_name": "ep 1/.."}}""", "", true)]
    [InlineData("""{"result": "allow", "client_attrs": {"endpoint_name": "ep2"}}""", "", false)]
    [InlineData("""{"result": "allow"}""", "bind_endpoint = \"${username}\"", false)]
    [InlineData("""{"result": "allow"}""", "bind_endpoint = \"ep 1/..\"", true)]
    [InlineData("""{"result": "allow", "client_attrs": {"endpoint_name": "ep2"}}""", "bind_endpoint = \"ep 1/..\"", false)]
    public async Task An_identity_may_be_bound_to_its_endpoint(string answer, string option, bool admitted)
    {
        _server.Say(answer);
        var verdict = await AskAsync(Documented(option));
        Assert.Equal(admitted ? VerdictKind.Admitted : VerdictKind.Refused, verdict.Kind);
        Assert.Equal(admitted ? "" : "not authorized: this identity belongs to another endpoint", verdict.Reason);
    }

    [Fact]
    public async Task Attributes_that_may_not_stand_in_a_topic_are_left_out()
    {
        var many = string.Join(", ", Enumerable.Range(0, 200).Select(i => $"\"z{i:000}\": \"{new string('x', 50)}\""));
        _server.Say($$"""{"result": "allow", "client_attrs": {"a": "b/c", "b": "#", "c": "", "d": "fine", "e": "a+", {{many}} } }""");
        var attributes = (await AskAsync(Documented())).Client!.ClientAttrs;
        Assert.Equal("fine", attributes["d"]);
        Assert.DoesNotContain(attributes.Keys, k => k is "a" or "b" or "c" or "e");
        Assert.InRange(attributes.Sum(a => a.Key.Length + a.Value.Length), 1, ClientAttributes.MostBytes);
    }

    [Fact]
    public async Task A_listener_has_its_own_authenticator_or_none()
    {
        _server.Answer = request => (request.Target.StartsWith("/own", StringComparison.Ordinal) ? 204 : 401, "", "");
        var admission = Make(Documented() + $$"""
            gateway.lwm2m.listeners.udp {
              default { bind = 1 }
              own { bind = 2, authentication { mechanism = password_based, backend = http, url = "{{_server.Url}}/own" } }
              open { bind = 3, enable_authn = false }
              off { bind = 4, authentication { enable = false, mechanism = jwt } }
            }
            """);
        Assert.Equal(VerdictKind.Refused, (await AskAsync(admission, "udp:default")).Kind);
        Assert.Equal(VerdictKind.Admitted, (await AskAsync(admission, "udp:own")).Kind);
        string[] asks = ["udp:default", "udp:own"];
        Assert.Equal(asks, new[] { "udp:default", "udp:own", "udp:open", "udp:off" }.Where(l => admission.Asks(_configuration, l)));
    }

    [Theory]
    [InlineData("mechanism = jwt, secret = x", "is not to be had here")]
    [InlineData("mechanism = password_based, backend = mysql, query = q", "is not to be had here")]
    [InlineData("mechanism = scram, backend = built_in_database", "is not to be had here")]
    [InlineData("mechanism = password_based, backend = built_in_database, user_id_type = username", "name a file of them")]
    public async Task An_authenticator_that_is_not_to_be_had_starts_with_a_warning_and_turns_everybody_away(string block, string warning)
    {
        var text = $"gateway.lwm2m.authentication {{ {block} }}";
        var report = TestConfiguration.Read(text);
        Assert.Empty(report.Problems);
        Assert.Contains(warning, Assert.Single(report.Warnings), StringComparison.Ordinal);
        Assert.Equal(VerdictKind.Refused, (await AskAsync(text)).Kind);
    }

    [Theory]
    [InlineData("mechanism = password_based, backend = http", "authentication.url: is required")]
    [InlineData("backend = http, url = nowhere", "must be http://host")]
    [InlineData("backend = http, url = \"ftp://a/\"", "must be http://host")]
    [InlineData("backend = http, url = \"http://${username}/x\"", "placeholders behind the host only")]
    public void A_URL_that_cannot_be_asked_refuses_to_start(string block, string problem) =>
        Assert.Contains(problem, Assert.Single(TestConfiguration.ProblemsOf($"gateway.lwm2m.authentication {{ {block} }}")), StringComparison.Ordinal);

    [Fact]
    public void Blocks_of_EMQX_documentation_start_as_they_are()
    {
        // One object, as a gateway has it; a list of one, as the MQTT authenticators are written; the keys that 5.x documents.
        const string Block = """
            {
              mechanism = password_based
              backend = http
              enable = true
              method = post
              url = "http://127.0.0.1:32333/auth/${peerhost}?clientid=${clientid}"
              body { username = "${username}", password = "${password}", clientid = "${clientid}" }
              headers { "Content-Type" = "application/json", "X-Request-Source" = "EMQX" }
              pool_size = 8
              connect_timeout = "15s"
              request_timeout = "5s"
              enable_pipelining = 100
              max_inactive = "10s"
              ssl { enable = false, verify = "verify_none", versions = ["tlsv1.3", "tlsv1.2"] }
            }
            """;
        foreach (var text in new[] { "gateway.lwm2m.authentication = " + Block, $"gateway.lwm2m.authentication = [{Block}]", $"gateway.lwm2m.listeners.udp.default {{ bind = 1, authentication = {Block} }}" })
        {
            var report = TestConfiguration.Read(text);
            Assert.Empty(report.Problems);
            Assert.Empty(report.Warnings);
            Assert.Equal("${password}", (report.Configuration.Lwm2m.Authentication ?? report.Configuration.Lwm2m.Listeners.Udp["default"].Authentication)!.Body["password"]);
        }
    }

    [Fact]
    public async Task Each_topic_is_authorized_once_and_the_verdict_is_a_set_of_bits()
    {
        _server.Answer = request => request.Body.Contains("up/notify", StringComparison.Ordinal) || request.Body.Contains("dn/#", StringComparison.Ordinal)
            ? (200, "application/json", """{"result": "deny"}""")
            : (204, "", "");
        var verdict = await AskAsync(Authorized());
        Assert.Equal((Denied.Notify | Denied.Command, 1_700_000_000_000), (verdict.Denied, verdict.AuthorizedMs));
        string[] bodies =
        [
            """{"username":"7","topic":"lwm2m/ep 1/..//v1/up/dm","action":"publish"}""",
            """{"username":"7","topic":"lwm2m/ep 1/../dn/#","action":"subscribe"}""",
            """{"username":"7","topic":"lwm2m/ep 1/../up/lifecycle","action":"publish"}""",
            """{"username":"7","topic":"lwm2m/ep 1/../up/notify","action":"publish"}""",
            """{"username":"7","topic":"lwm2m/ep 1/../up/resp","action":"publish"}""",
            """{"username":"7","topic":"lwm2m/ep 1/../up/send","action":"publish"}""",
        ];
        Assert.Equal(bodies, _server.Requests.Select(r => r.Body).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("no_match = deny", 404, 255)]
    [InlineData("no_match = allow", 404, 0)]
    [InlineData("no_match = deny", 204, 0)]
    [InlineData("no_match = deny, sources = []", 204, 255)]
    [InlineData("no_match = deny, sources = [{ type = file, path = x }]", 204, 255)]
    [InlineData("no_match = allow, sources = [{ type = file, path = x }]", 404, 0)]
    public async Task Where_no_source_decides_no_match_does(string option, int status, int denied)
    {
        _server.Answer = _ => (status, "", "");
        Assert.Equal(denied, (int)(await AskAsync(Authorized() + $"\nauthorization {{ {option} }}")).Denied);
    }

    [Fact]
    public async Task Sources_are_asked_in_their_order()
    {
        var text = $$"""
            authorization { no_match = deny, sources = [
              { type = http, method = get, url = "{{_server.Url}}/first?topic=${topic}" }
              { type = http, enable = false, url = "{{_server.Url}}/off" }
              { type = http, url = "{{_server.Url}}/second" }
            ] }
            """;
        _server.Answer = r => r.Target.StartsWith("/first", StringComparison.Ordinal)
            ? (200, "application/json", r.Target.Contains("notify", StringComparison.Ordinal) ? """{"result": "deny"}""" : """{"result": "ignore"}""")
            : (200, "application/json", """{"result": "allow"}""");
        Assert.Equal(Denied.Notify, (await AskAsync(text)).Denied);
        Assert.Equal((6, 5, 0), (Count("/first"), Count("/second"), Count("/off")));

        int Count(string path) => _server.Requests.Count(r => r.Target.StartsWith(path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_topic_that_nobody_answers_about_leaves_the_verdict_open()
    {
        _server.Answer = request => (request.Body.Contains("up/send", StringComparison.Ordinal) ? 500 : 204, "", "");
        Assert.Equal(VerdictKind.Unreachable, (await AskAsync(Authorized())).Kind);
    }

    [Fact]
    public async Task Who_is_denied_something_can_be_turned_away_as_a_whole()
    {
        _server.Say("""{"result": "deny"}""");
        var verdict = await AskAsync(Authorized() + "\nauthorization.deny_action = disconnect");
        Assert.Equal((VerdictKind.Refused, "not authorized: publish lwm2m/ep 1/../up/resp"), (verdict.Kind, verdict.Reason));
    }

    [Fact]
    public async Task Superusers_are_not_asked_about_and_a_review_asks_no_authenticator()
    {
        _server.Answer = r => r.Target.StartsWith("/auth", StringComparison.Ordinal)
            ? (200, "application/json", """{"result": "allow", "is_superuser": true}""")
            : (200, "application/json", """{"result": "deny"}""");
        var admission = Make(Documented() + Authorized());
        var verdict = await AskAsync(admission);
        Assert.Equal((VerdictKind.Admitted, Denied.Nothing, 0L), (verdict.Kind, verdict.Denied, verdict.AuthorizedMs));
        Assert.Single(_server.Requests);
        verdict = await AskAsync(admission, review: true);
        Assert.Equal((Denied)255, verdict.Denied);
        Assert.Single(_server.Requests, r => r.Target.StartsWith("/auth", StringComparison.Ordinal));
    }

    string Documented(string more = "") => $$"""
        gateway.lwm2m.authentication {
          mechanism = password_based
          backend = http
          method = post
          url = "{{_server.Url}}/auth?e=${endpoint_name}"
          headers { content-type = "application/json", X-Tenant = "blue-${username}" }
          body { clientid = "${clientid}", username = "${username}", password = "${password}", peerhost = "${peerhost}", cert = "${cert_subject}" }
          request_timeout = "5s"
          {{more}}
        }

        """;

    string Authorized() => $$"""
        authorization {
          sources = [{ type = http, method = post, url = "{{_server.Url}}/acl", body { username = "${username}", topic = "${topic}", action = "${action}" } }]
        }
        """;

    GatewayConfiguration _configuration = new();

    Admission Make(string text)
    {
        var report = TestConfiguration.Read(text);
        Assert.Empty(report.Problems);
        _configuration = report.Configuration;
        var admission = new Admission(new LiveConfiguration(_configuration), new IngressTelemetry(Meters), _time, NullLogger.Instance);
        _admissions.Add(admission);
        return admission;
    }

    Task<Verdict> AskAsync(string text) => AskAsync(Make(text));

    static Task<Verdict> AskAsync(Admission admission, string listener = "udp:default", bool review = false)
    {
        var client = new ClientIdentity { Clientid = "8", Username = "7", Peerhost = "192.0.2.1", Zone = "default", Listener = listener };
        var verdict = new TaskCompletionSource<Verdict>(TaskCreationOptions.RunContinuationsAsynchronously);
        admission.Ask(new AdmissionQuestion("ep 1/..", client, review ? null : "se\"cret", review), verdict.SetResult);
        return verdict.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    async Task<Verdict> PassTimeAsync(Task<Verdict> question)
    {
        while (!question.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await question;
    }
}
