using System.Net;
using Tools.Fleet;

namespace Pipeline.Tests.Tools;

/// <summary>Whether a pod that ends comes back: what Kubernetes says, and what it might say.</summary>
public sealed class ScaleInTests
{
    [Theory]
    [InlineData("""{"metadata":{},"spec":{"replicas":3}}""", 2, false)] // a restart
    [InlineData("""{"metadata":{},"spec":{"replicas":2}}""", 2, true)]
    [InlineData("""{"metadata":{},"spec":{"replicas":0}}""", 0, true)]
    [InlineData("""{"metadata":{},"spec":{}}""", 1, true)] // one replica is the default
    [InlineData("""{"metadata":{},"spec":{"replicas":2,"ordinals":{"start":5}}}""", 6, false)]
    [InlineData("""{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{"replicas":0}}""", 0, false)] // all of it goes
    public async Task Who_is_above_the_wanted_number_goes_for_good(string set, int ordinal, bool isScaledIn) =>
        Assert.Equal(isScaledIn, await AskAsync(HttpStatusCode.OK, set, ordinal));

    [Fact]
    public async Task Of_a_set_that_is_gone_nobody_is_left_to_take_over() =>
        Assert.False(await AskAsync(HttpStatusCode.NotFound, "{}", 0));

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, """{"message":"no"}""")]
    [InlineData(HttpStatusCode.OK, "<html>")]
    [InlineData(HttpStatusCode.OK, "{}")]
    [InlineData(HttpStatusCode.OK, """{"metadata":{},"spec":{"replicas":"two"}}""")]
    public async Task An_answer_that_says_nothing_is_told(HttpStatusCode code, string text) =>
        Assert.Contains("does not say how many", (await Assert.ThrowsAsync<IOException>(() => AskAsync(code, text, 0))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("gw-lwm2m-gateway-ingress-12", "gw-lwm2m-gateway-ingress", 12)]
    [InlineData("ingress-0", "ingress", 0)]
    public void The_pod_says_which_set_it_is_of(string pod, string set, int ordinal)
    {
        Assert.True(ScaleIn.TryParse(pod, out var parsed, out var number));
        Assert.Equal((set, ordinal), (parsed, number));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-3")]
    [InlineData("ingress")]
    [InlineData("gw-translator-7d4f9-x2x")]
    public void Other_names_are_none_of_a_StatefulSet(string? pod) => Assert.False(ScaleIn.TryParse(pod, out _, out _));

    static async Task<bool> AskAsync(HttpStatusCode code, string text, int ordinal)
    {
        using var handler = new Answering(code, text);
        using var scaleIn = new ScaleIn(new Uri("https://kubernetes.invalid"), "iot", handler, "word");
        var answer = await scaleIn.ConcernsAsync("gw-ingress", ordinal, TestContext.Current.CancellationToken);
        Assert.Equal("Bearer word https://kubernetes.invalid/apis/apps/v1/namespaces/iot/statefulsets/gw-ingress", handler.Asked);
        return answer;
    }

    sealed class Answering(HttpStatusCode code, string text) : HttpMessageHandler
    {
        public string? Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = $"{request.Headers.Authorization} {request.RequestUri}";
            return Task.FromResult(new HttpResponseMessage(code) { Content = new StringContent(text) });
        }
    }
}
