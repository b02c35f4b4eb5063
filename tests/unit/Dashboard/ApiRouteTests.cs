using System.Net;
using System.Text.RegularExpressions;
using Dashboard.Http;

namespace Pipeline.Tests.Dashboard;

public sealed partial class ApiRouteTests
{
    static readonly ApiRoute Topic = Route("clients/{clientid}/subscriptions/{topic*}");

    [Fact]
    public void Segments_are_matched_one_by_one_and_the_rest_as_a_whole()
    {
        Assert.Equal("a/b", Topic.Match(["clients", "a/b", "subscriptions", "x"])!["clientid"]);
        Assert.Equal("x/y/#", Topic.Match(["clients", "a", "subscriptions", "x", "y", "#"])!["topic"]);
        Assert.Null(Topic.Match(["clients", "a", "subscriptions"]));
        Assert.Null(Route("clients/{clientid}").Match(["clients", "a", "lookup"]));
        Assert.Null(Route("clients").Match(["Clients"]));
        Assert.Equal("/clients/{clientid}/subscriptions/{topic}", Topic.Path);
    }

    [Theory]
    [InlineData(ApiParameterKind.Whole, "5", true)]
    [InlineData(ApiParameterKind.Whole, "11", false)]
    [InlineData(ApiParameterKind.Whole, "5x", false)]
    [InlineData(ApiParameterKind.Whole, "", false)]
    [InlineData(ApiParameterKind.Flag, "1", true)]
    [InlineData(ApiParameterKind.Flag, "yes", false)]
    [InlineData(ApiParameterKind.Instant, "1700000000000", true)]
    [InlineData(ApiParameterKind.Instant, "2026-01-31T12:00:00 02:00", true)]
    [InlineData(ApiParameterKind.Instant, "noon", false)]
    [InlineData(ApiParameterKind.Path, "/3/0/0?a=b", true)]
    [InlineData(ApiParameterKind.Path, "/", true)]
    [InlineData(ApiParameterKind.Path, "/3/0/0/0/0", false)]
    [InlineData(ApiParameterKind.Address, "2001:db8::1", true)]
    [InlineData(ApiParameterKind.Address, "localhost", false)]
    internal void A_parameter_is_read_or_its_name_is_told(ApiParameterKind kind, string text, bool isRight)
    {
        var read = new ApiParameter("it", kind, "") { Least = 0, Most = 10 }.TryRead(text, out _, out var problem);
        Assert.Equal(isRight, read);
        Assert.StartsWith(isRight ? "" : "it = ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_blank_in_a_time_was_a_plus_sign()
    {
        new ApiParameter("it", ApiParameterKind.Instant, "").TryRead("2026-01-31T12:00:00 02:00", out var value, out _);
        Assert.Equal(DateTimeOffset.Parse("2026-01-31T10:00:00Z", System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(), value);
    }

    [Fact]
    public async Task The_document_names_every_parameter_of_every_path()
    {
        await using var rig = await DashboardRig.StartAsync();
        var paths = System.Text.Json.JsonElement.Parse((await rig.SendAsync("GET", "/api/v5/openapi.json")).Text).GetProperty("paths");
        foreach (var path in paths.EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var named = operation.Value.GetProperty("parameters").EnumerateArray()
                    .Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()!).Order();
                Assert.Equal(Placeholder().Matches(path.Name).Select(m => m.Groups[1].Value).Order(), named);
                Assert.Contains(operation.Value.GetProperty("responses").EnumerateObject(), r => r.Name.StartsWith('2'));
            }
        }

        var ids = paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject()).Select(o => o.Value.GetProperty("operationId").GetString()).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public async Task What_breaks_off_or_is_too_large_does_no_harm()
    {
        await using var rig = await DashboardRig.StartAsync();
        await rig.RegisterAsync("dev-1");
        var (status, text) = await rig.SendAsync("POST", "/api/v5/gateways/lwm2m/clients/dev-1/command", "{\"x\":\"" + new string('x', ApiBody.MaxSize) + "\"}");
        Assert.Equal((int)HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("BAD_REQUEST", text, StringComparison.Ordinal);
        Assert.Equal(200, (await rig.SendAsync("GET", "/api/v5/gateways/lwm2m/clients/dev-1")).Status);
    }

    static ApiRoute Route(string template) => new("GET", template, "", _ => Task.FromResult(ApiAnswer.NoContent));

    [GeneratedRegex(@"\{([^}]*)\}")]
    private static partial Regex Placeholder();
}
