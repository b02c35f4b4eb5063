using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Dashboard.Http;

/// <summary>What is answered: a status, and JSON, nothing, or a stream.</summary>
sealed class ApiAnswer
{
    static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    readonly Action<Utf8JsonWriter>? _write;
    readonly Func<HttpContext, Task>? _stream;

    ApiAnswer(int status, Action<Utf8JsonWriter>? write, Func<HttpContext, Task>? stream) => (Status, _write, _stream) = (status, write, stream);

    public int Status { get; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; private init; } = [];

    public static ApiAnswer NoContent { get; } = new(StatusCodes.Status204NoContent, null, null);

    public static ApiAnswer Json(int status, Action<Utf8JsonWriter> write) => new(status, write, null);

    public static ApiAnswer Ok(Action<Utf8JsonWriter> write) => Json(StatusCodes.Status200OK, write);

    public static ApiAnswer Json(int status, JsonNode node) => Json(status, json => node.WriteTo(json));

    /// <summary>A body that takes as long as it takes.</summary>
    public static ApiAnswer Stream(Func<HttpContext, Task> stream) => new(StatusCodes.Status200OK, null, stream);

    public static ApiAnswer Error(int status, string code, string message) => Json(status, json =>
    {
        json.WriteStartObject();
        json.WriteString("code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    });

    public static ApiAnswer BadRequest(string message) => Error(StatusCodes.Status400BadRequest, ApiError.BadRequest, message);

    public static ApiAnswer NotFound(string code, string message) => Error(StatusCodes.Status404NotFound, code, message);

    public static ApiAnswer Unavailable(string message) => Error(StatusCodes.Status503ServiceUnavailable, ApiError.Unavailable, message);

    public static ApiAnswer Timeout(string message) => Error(StatusCodes.Status504GatewayTimeout, ApiError.Timeout, message);

    public ApiAnswer With(string header, string value) => new(Status, _write, _stream) { Headers = [.. Headers, (header, value)] };

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.Headers.CacheControl = "no-store";
        foreach (var (name, value) in Headers)
            response.Headers[name] = value;
        if (_stream is not null)
        {
            await _stream(context);
        }
        else if (_write is not null)
        {
            var body = Bytes();
            response.ContentType = "application/json";
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    /// <summary>The JSON; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Bytes()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Writing))
            _write?.Invoke(json);
        return bytes.WrittenMemory;
    }
}
