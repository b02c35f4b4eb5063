using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Dashboard.Http;

/// <summary>The body of a request: one JSON object, bounded, without a name that stands twice.</summary>
static class ApiBody
{
    /// <summary>Bytes.</summary>
    public const int MaxSize = 4 * 1024 * 1024;

    const int MaxDepth = 32;

    /// <summary>The object, or what is wrong with it.</summary>
    public static async Task<(JsonObject? Json, ApiAnswer? Problem)> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > MaxSize)
            return (null, TooLarge());
        var bytes = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
            foreach (var piece in read.Buffer)
                bytes.Write(piece.Span);
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (bytes.WrittenCount > MaxSize)
                return (null, TooLarge());
            if (read.IsCompleted)
                break;
        }

        return TryParse(bytes.WrittenSpan, out var json, out var problem) ? (json, null) : (null, ApiAnswer.BadRequest(problem));
    }

    public static bool TryParse(ReadOnlySpan<byte> utf8, out JsonObject? json, out string problem)
    {
        json = null;
        problem = "the body must be a JSON object";
        try
        {
            CheckTexts(utf8);
            var options = new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false };
            json = JsonNode.Parse(utf8, documentOptions: options) as JsonObject;
        }
        catch (JsonException malformed)
        {
            problem = $"the body is not JSON: {malformed.Message}";
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: JSON by its grammar, and still no text.
            problem = "the body holds a string that is not Unicode text";
        }

        return json is not null;
    }

    static void CheckTexts(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                reader.GetString();
        }
    }

    static ApiAnswer TooLarge() => ApiAnswer.Error(StatusCodes.Status413PayloadTooLarge, ApiError.BadRequest, $"the body is larger than {MaxSize} bytes");
}
