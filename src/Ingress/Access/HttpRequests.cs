using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Contracts.Configuration;

namespace Ingress.Access;

/// <summary>Makes the HTTP request of a question: URL, headers and body with values put in.</summary>
sealed class HttpRequests
{
    const string Form = "application/x-www-form-urlencoded";

    static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly bool _isGet;
    readonly bool _isForm;
    readonly Template _url;
    readonly List<(string Name, Template Value)> _headers;
    readonly List<(string Name, Template Value)> _body;

    public HttpRequests(HttpBackendOptions options)
    {
        _isGet = options.Method == "get";
        _url = new Template(options.Url ?? "");
        _isForm = options.Headers.Any(h => IsContentType(h.Key) && h.Value.StartsWith(Form, StringComparison.OrdinalIgnoreCase));
        _headers = [.. options.Headers.Where(h => !IsContentType(h.Key)).Select(h => (h.Key, new Template(h.Value)))];
        _body = [.. options.Body.Select(b => (b.Key, new Template(b.Value)))];
    }

    /// <param name="values">What placeholders stand for; null for a name that is unknown or has no value.</param>
    public HttpRequestMessage For(Func<string, string?> values)
    {
        var url = _url.Render(values, Uri.EscapeDataString);
        if (_isGet && _body.Count > 0)
            url += (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + Encode(values);
        var request = new HttpRequestMessage(_isGet ? HttpMethod.Get : HttpMethod.Post, url);
        foreach (var (name, value) in _headers)
            request.Headers.TryAddWithoutValidation(name, value.Render(values, OneLine));
        if (!_isGet)
            request.Content = _isForm ? new StringContent(Encode(values), new MediaTypeHeaderValue(Form)) : Json(values);
        return request;
    }

    string Encode(Func<string, string?> values) =>
        string.Join('&', _body.Select(b => $"{Uri.EscapeDataString(b.Name)}={Uri.EscapeDataString(b.Value.Render(values))}"));

    ByteArrayContent Json(Func<string, string?> values)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteStartObject();
            foreach (var (name, value) in _body)
                json.WriteString(name, value.Render(values));
            json.WriteEndObject();
        }

        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    // A device must not add headers of its own.
    static string OneLine(string value) => string.Concat(value.Where(c => !char.IsControl(c)));

    static bool IsContentType(string header) => header.Equals("content-type", StringComparison.OrdinalIgnoreCase);
}
