using System.Text.Json;
using System.Text.Json.Nodes;
using Dashboard.Clients;
using Dashboard.Http;
using Microsoft.AspNetCore.Http;

namespace Dashboard.Commands;

/// <summary>Any command, and those that have no outcome yet.</summary>
sealed class QueueRoutes(ClientFinder finder, CommandWriter writer, OpenCommands open)
{
    static readonly TimeSpan CancelBound = TimeSpan.FromSeconds(5);
    static readonly (int, string) Unknown = (404, "There is no such client.");

    static readonly ApiParameter CommandId =
        new("command_id", ApiParameterKind.Text, "Id of the command.") { InPath = true, Required = true };

    public IEnumerable<ApiRoute> Routes =>
    [
        new("POST", "gateways/lwm2m/clients/{clientid}/command", "Any command, as on MQTT and Kafka.", CommandAsync)
        {
            Parameters =
            [
                ClientParameter.Id,
                ClientParameter.Wait,
                ClientParameter.Timeout,
                new("priority", ApiParameterKind.Whole, "Higher goes first among those that wait.")
                {
                    Least = int.MinValue,
                    Most = int.MaxValue,
                    Default = 0L,
                },
                new("expires_at", ApiParameterKind.Instant, "Not started after that."),
            ],
            BodyExample = """{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""",
            Answers =
            [
                (202, "Written to Kafka (without wait)."),
                (200, "The outcome, as on MQTT (with wait)."),
                (400, "No command."),
                Unknown,
                (504, "No outcome in time."),
            ],
        },
        new("GET", "gateways/lwm2m/clients/{clientid}/queue", "Commands without outcome, oldest first.", QueueAsync)
        {
            Parameters = [ClientParameter.Id],
            Answers = [(200, "Commands."), Unknown],
        },
        new("DELETE", "gateways/lwm2m/clients/{clientid}/queue/{command_id}", "Cancel a command that was not sent yet.", CancelAsync)
        {
            Parameters = [ClientParameter.Id, CommandId],
            Answers = [(204, "Cancelled."), (404, "There is no such client or command."), (409, "It was sent already.")],
        },
    ];

    async Task<ApiAnswer> CommandAsync(ApiRequest request)
    {
        if (!Is<string>(request.Body["msgType"]))
            return ApiAnswer.BadRequest("msgType is missing, or no string");
        if (request.Body["data"] is not JsonObject)
            return ApiAnswer.BadRequest("data is missing, or no object");
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ClientNotFound);
        if (client is null)
            return problem!;
        var id = CommandWriter.NewId();
        var urgency = new CommandUrgency((int)request.Whole("priority"), request.WholeOrNull("expires_at"));
        var answer = request.Flag("wait")
            ? await AwaitAsync(request, client.Endpoint, id, urgency)
            : await writer.TryWriteAsync(client.Endpoint, id, request.Body, urgency, request.Aborted)
                ? ApiAnswer.Json(StatusCodes.Status202Accepted, new JsonObject { ["command_id"] = id })
                : CommandRoutes.NotWritten;
        return answer.With(CommandRoutes.IdHeader, id);
    }

    async Task<ApiAnswer> AwaitAsync(ApiRequest request, string endpoint, string id, CommandUrgency urgency)
    {
        var timeout = TimeSpan.FromMilliseconds(request.Whole("timeout"));
        var (ending, json) = await writer.CarryOutAsync(endpoint, id, request.Body, urgency, timeout, request.Aborted);
        if (ending != CommandEnding.Ended)
            return CommandRoutes.Failure(ending, timeout);
        return OutcomeEvent.Read(json)?.Failure() ?? ApiAnswer.Ok(writer => writer.WriteRawValue(json));
    }

    async Task<ApiAnswer> QueueAsync(ApiRequest request)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ResourceNotFound);
        return problem ?? ApiAnswer.Ok(json => Write(json, open.Of(client!.Endpoint)));
    }

    async Task<ApiAnswer> CancelAsync(ApiRequest request)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ResourceNotFound);
        if (client is null)
            return problem!;
        var target = request.Text("command_id");
        if (!open.Of(client.Endpoint).Any(c => c.Id == target))
            return ApiAnswer.NotFound(ApiError.ResourceNotFound, "there is no such command, or it has its outcome");
        var cancel = new JsonObject { ["msgType"] = "cancel", ["data"] = new JsonObject { ["command_id"] = target } };
        var (ending, json) = await writer.CarryOutAsync(client.Endpoint, CommandWriter.NewId(), cancel, default, CancelBound, request.Aborted);
        if (ending != CommandEnding.Ended)
            return CommandRoutes.Failure(ending, CancelBound);
        var outcome = OutcomeEvent.Read(json);
        return outcome?.Failure() ?? outcome?.Code switch
        {
            "2.02" => ApiAnswer.NoContent,
            _ => ApiAnswer.Error(StatusCodes.Status409Conflict, ApiError.Conflict, "the command was sent already, or has its outcome"),
        };
    }

    static bool Is<T>(JsonNode? node) => node is JsonValue value && value.TryGetValue<T>(out _);

    static void Write(Utf8JsonWriter json, IReadOnlyList<OpenCommand> commands)
    {
        json.WriteStartArray();
        foreach (var command in commands)
        {
            json.WriteStartObject();
            json.WriteString("command_id", command.Id);
            json.WriteString("msgType", command.MsgType);
            json.WriteString("path", command.Path);
            json.WriteString("state", command.Acknowledged ? "acknowledged" : "accepted");
            json.WriteString("accepted_at", ClientJson.TimeOf(command.AcceptedAt));
            json.WriteString("expires_at", ClientJson.TimeOf(command.Deadline));
            json.WriteNumber("priority", command.Priority);
            json.WriteBoolean("automatic", command.Automatic);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
