using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Pipeline.IntegrationTests.Dashboard;

/// <summary>Somebody who uses the management API.</summary>
sealed class Api(Uri gateway) : IDisposable
{
    public const string Lwm2m = "/api/v5/gateways/lwm2m";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public HttpClient Http { get; } = new() { BaseAddress = gateway, Timeout = Patience };

    public static string Client(string clientId, string rest = "") => $"{Lwm2m}/clients/{Uri.EscapeDataString(clientId)}{rest}";

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, string? json = null) => SendAsync(HttpMethod.Post, path, json);

    public Task<Answer> PutAsync(string path, string? json = null) => SendAsync(HttpMethod.Put, path, json);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, text, response.Headers.TryGetValues("X-Command-Id", out var ids) ? ids.Single() : "");
    }

    public void Dispose() => Http.Dispose();
}

/// <summary>Status and body.</summary>
sealed record Answer(int Status, string Text, string CommandId)
{
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>"code" of an error.</summary>
    public string Code => Json.GetProperty("code").GetString()!;

    public string Message => Json.GetProperty("message").GetString()!;

    public Answer Expect(int status)
    {
        Assert.True(status == Status, $"{status} was expected, not {Status} {Text}");
        return this;
    }

    /// <summary>EMQX's body of errors, and nothing besides.</summary>
    public void ExpectError(int status, string code, string part = "")
    {
        Expect(status);
        Assert.Equal(["code", "message"], Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(code, Code);
        Assert.Contains(part, Message, StringComparison.Ordinal);
    }
}
