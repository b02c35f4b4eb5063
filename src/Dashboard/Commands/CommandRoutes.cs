using System.Text.Json.Nodes;
using Contracts;
using Dashboard.Clients;
using Dashboard.Http;
using Dashboard.Results;
using Microsoft.AspNetCore.Http;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Dashboard.Commands;

/// <summary>EMQX's four: read, write, observe and lookup.</summary>
sealed class CommandRoutes(ClientFinder finder, CommandWriter writer, ResultTable results, Definitions definitions, TimeProvider time)
{
    /// <summary>Tells the id of the command that was written.</summary>
    public const string IdHeader = "X-Command-Id";

    static readonly (int, string)[] Answers =
    [
        (204, "Written to Kafka (without wait)."),
        (200, "The device's answer, as lookup shows it (with wait)."),
        (400, "A parameter is missing or wrong."),
        (404, "There is no such client."),
        (504, "No answer in time."),
    ];

    public IEnumerable<ApiRoute> Routes =>
    [
        new("POST", "gateways/lwm2m/clients/{clientid}/read", "Read a path.", ReadAsync)
        {
            Parameters = [ClientParameter.Id, ClientParameter.Path, ClientParameter.Wait, ClientParameter.Timeout],
            Answers = Answers,
        },
        new("POST", "gateways/lwm2m/clients/{clientid}/write", "Write one resource.", WriteAsync)
        {
            Parameters =
            [
                ClientParameter.Id,
                ClientParameter.Path,
                new("type", ApiParameterKind.Text, "Type of the value.")
                {
                    Required = true,
                    Choices = ["Integer", "Float", "Time", "String", "Boolean", "Opaque", "Objlnk", "Unsigned Integer", "Corelnk"],
                    Example = "Integer",
                },
                new("value", ApiParameterKind.Text, "The value as text; Opaque in base64, Objlnk as 3:0.") { Required = true, Example = "1" },
                ClientParameter.Wait,
                ClientParameter.Timeout,
            ],
            Answers = Answers,
        },
        new("POST", "gateways/lwm2m/clients/{clientid}/observe", "Observe a path, or no longer.", ObserveAsync)
        {
            Parameters =
            [
                ClientParameter.Id,
                ClientParameter.Path,
                new("enable", ApiParameterKind.Flag, "Whether to observe it.") { Required = true, Example = "true" },
                ClientParameter.Wait,
                ClientParameter.Timeout,
            ],
            Answers = Answers,
        },
        new("GET", "gateways/lwm2m/clients/{clientid}/lookup", "The last result recorded for a path and an action.", LookupAsync)
        {
            Parameters =
            [
                ClientParameter.Id,
                ClientParameter.Path,
                new("action", ApiParameterKind.Text, "msgType of the command: read, discover, write, observe, ...")
                {
                    Required = true,
                    Example = "read",
                },
            ],
            Answers = [(200, "The result; code 6.01 where nothing was answered."), .. Answers.Where(a => a.Item1 is 400 or 404)],
        },
    ];

    Task<ApiAnswer> ReadAsync(ApiRequest request) => CommandAsync(request, "read", new JsonObject { ["path"] = request.Text("path") });

    Task<ApiAnswer> ObserveAsync(ApiRequest request) =>
        CommandAsync(request, request.Flag("enable") ? "observe" : "cancel-observe", new JsonObject { ["path"] = request.Text("path") });

    async Task<ApiAnswer> WriteAsync(ApiRequest request)
    {
        var (name, value) = (request.Text("type"), request.Text("value"));
        if (!ResourceTypeName.TryParse(name, out var type))
            return ApiAnswer.BadRequest($"type {name} is not known");
        if (type == ResourceType.Opaque)
            value = value.Replace(' ', '+'); // of base64 that nobody has percent-encoded
        if (!ValueParser.TryParse(type, value, out _, out var reason))
            return ApiAnswer.BadRequest($"value is {reason}");
        return !RequestTarget.TryParse(request.Text("path"), out var target) || target.Path.Depth < 3
            ? ApiAnswer.BadRequest("path must name a resource, such as /3/0/14")
            : await CommandAsync(request, "write", new JsonObject { ["path"] = request.Text("path"), ["type"] = name, ["value"] = value });
    }

    async Task<ApiAnswer> LookupAsync(ApiRequest request)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ClientNotFound);
        if (client is null)
            return problem!;
        var (path, action) = (request.Text("path"), request.Text("action"));
        var found = results.Find(client.Endpoint, path, action, answered: true);
        return Shown(client, path, action, found?.Event is { } json ? OutcomeEvent.Read(json) : null);
    }

    async Task<ApiAnswer> CommandAsync(ApiRequest request, string msgType, JsonObject data)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ClientNotFound);
        if (client is null)
            return problem!;
        var (id, path) = (CommandWriter.NewId(), request.Text("path"));
        var command = new JsonObject { ["msgType"] = msgType, ["data"] = data };
        results.Asked(client.Endpoint, path, msgType, id, time.GetUtcNow().ToUnixTimeMilliseconds());
        var answer = request.Flag("wait")
            ? await AwaitAsync(request, client, msgType, id, command)
            : await writer.TryWriteAsync(client.Endpoint, id, command, default, request.Aborted)
                ? ApiAnswer.NoContent
                : NotWritten;
        return answer.With(IdHeader, id);
    }

    async Task<ApiAnswer> AwaitAsync(ApiRequest request, RegistrationRecord client, string msgType, string id, JsonObject command)
    {
        var timeout = TimeSpan.FromMilliseconds(request.Whole("timeout"));
        var (ending, json) = await writer.CarryOutAsync(client.Endpoint, id, command, default, timeout, request.Aborted);
        if (ending != CommandEnding.Ended)
            return Failure(ending, timeout);
        return OutcomeEvent.Read(json) is { } outcome
            ? outcome.Failure() ?? Shown(client, request.Text("path"), msgType, outcome)
            : ApiAnswer.Error(StatusCodes.Status502BadGateway, ApiError.BadGateway, "the outcome cannot be read");
    }

    /// <summary>The error of a command that was waited for in vain.</summary>
    internal static ApiAnswer Failure(CommandEnding ending, TimeSpan timeout) => ending switch
    {
        CommandEnding.Busy => ApiAnswer.Unavailable("too many requests wait for an outcome"),
        CommandEnding.NotWritten => NotWritten,
        _ => ApiAnswer.Timeout($"no outcome within {timeout.TotalMilliseconds:0} ms; it will be told on the response topic"),
    };

    internal static ApiAnswer NotWritten => ApiAnswer.Unavailable("Kafka has not taken the command in time");

    ApiAnswer Shown(RegistrationRecord client, string path, string action, OutcomeEvent? outcome) =>
        ApiAnswer.Ok(json => LookupJson.Write(json, client.Client.Clientid, path, action, outcome, definitions.Of(client)));
}
