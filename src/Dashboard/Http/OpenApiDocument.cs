using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hosting;

namespace Dashboard.Http;

/// <summary>The table of routes as an OpenAPI 3.1 document.</summary>
static partial class OpenApiDocument
{
    public static JsonObject Of(IReadOnlyList<ApiRoute> routes)
    {
        var paths = new JsonObject();
        foreach (var group in routes.GroupBy(r => r.Path))
        {
            var item = new JsonObject();
            foreach (var route in group)
                item[route.Method.ToLowerInvariant()] = Operation(route);
            paths[group.Key] = item;
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "LwM2M gateway", ["version"] = GatewayHost.Version },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = ApiDoor.Prefix }),
            ["security"] = new JsonArray(new JsonObject { ["apiKey"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject { ["apiKey"] = new JsonObject { ["type"] = "http", ["scheme"] = "basic" } },
                ["schemas"] = new JsonObject { ["Error"] = ErrorSchema() },
            },
        };
    }

    static JsonObject Operation(ApiRoute route)
    {
        var operation = new JsonObject
        {
            ["operationId"] = NotLetters().Replace($"{route.Method.ToLowerInvariant()} {route.Path}", "_").Trim('_'),
            ["summary"] = route.Summary,
            ["parameters"] = new JsonArray([.. route.Parameters.Select(Parameter)]),
            ["responses"] = Responses(route),
        };
        if (route.BodyExample is { } example)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = Content(new JsonObject { ["type"] = "object" }, JsonNode.Parse(example)),
            };
        }

        return operation;
    }

    static JsonNode Parameter(ApiParameter parameter)
    {
        var schema = parameter.Kind switch
        {
            ApiParameterKind.Whole => Type("integer"),
            ApiParameterKind.Flag => Type("boolean"),
            _ => Type("string"),
        };
        if (parameter.Kind == ApiParameterKind.Whole && parameter.Least > long.MinValue)
            schema["minimum"] = parameter.Least;
        if (parameter.Kind == ApiParameterKind.Whole && parameter.Most < long.MaxValue)
            schema["maximum"] = parameter.Most;
        if (parameter.Choices is { } choices)
            schema["enum"] = new JsonArray([.. choices.Select(c => JsonValue.Create(c))]);
        if (parameter.Default is { } value)
            schema["default"] = value is bool flag ? flag : value is long number ? number : Convert.ToString(value, CultureInfo.InvariantCulture);
        var json = new JsonObject
        {
            ["name"] = parameter.Name,
            ["in"] = parameter.InPath ? "path" : "query",
            ["description"] = parameter.Doc,
            ["required"] = parameter.Required || parameter.InPath,
            ["schema"] = schema,
        };
        if (parameter.Example is { } example)
            json["example"] = example;
        return json;
    }

    static JsonObject Responses(ApiRoute route)
    {
        var responses = new JsonObject();
        foreach (var (status, meaning) in route.Answers)
        {
            var response = new JsonObject { ["description"] = meaning };
            if (status >= 400)
                response["content"] = Content(Reference(), null);
            responses[status.ToString(CultureInfo.InvariantCulture)] = response;
        }

        responses["default"] = new JsonObject { ["description"] = "Not done; the message says why.", ["content"] = Content(Reference(), null) };
        return responses;
    }

    static JsonObject Content(JsonObject schema, JsonNode? example)
    {
        var media = new JsonObject { ["schema"] = schema };
        if (example is not null)
            media["example"] = example;
        return new JsonObject { ["application/json"] = media };
    }

    static JsonObject ErrorSchema() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("code", "message"),
        ["properties"] = new JsonObject { ["code"] = Type("string"), ["message"] = Type("string") },
    };

    static JsonObject Reference() => new() { ["$ref"] = "#/components/schemas/Error" };

    static JsonObject Type(string name) => new() { ["type"] = name };

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NotLetters();
}
