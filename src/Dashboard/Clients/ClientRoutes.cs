using System.Text.Json;
using System.Text.Json.Nodes;
using Contracts;
using Dashboard.Commands;
using Dashboard.Gateways;
using Dashboard.Http;
using Dashboard.Results;

namespace Dashboard.Clients;

/// <summary>Clients: listed, shown, ended.</summary>
sealed class ClientRoutes(
    ClientTable clients, ClientFinder finder, ClientMountpoints mountpoints, OpenCommands commands, ConfigTable config, ResultTable results,
    Definitions definitions, CommandWriter writer, TimeProvider time)
{
    static readonly TimeSpan KickBound = TimeSpan.FromSeconds(5);
    static readonly (int, string) Unknown = (404, "There is no such client.");

    static readonly ApiParameter[] Filters =
    [
        new("page", ApiParameterKind.Whole, "From 1.") { Least = 1, Most = 1_000_000, Default = 1L },
        new("limit", ApiParameterKind.Whole, "Clients on a page.") { Least = 1, Most = 10_000, Default = 100L },
        new("node", ApiParameterKind.Text, "Who holds the session: ingress/0."),
        new("clientid", ApiParameterKind.Text, "Exactly this client id."),
        new("like_clientid", ApiParameterKind.Text, "Part of the client id."),
        new("username", ApiParameterKind.Text, "Exactly this user name."),
        new("like_username", ApiParameterKind.Text, "Part of the user name."),
        new("endpoint_name", ApiParameterKind.Text, "Exactly this endpoint."),
        new("like_endpoint_name", ApiParameterKind.Text, "Part of the endpoint."),
        new("ip_address", ApiParameterKind.Address, "Address of the device."),
        new("conn_state", ApiParameterKind.Text, "Whoever is registered is connected.") { Choices = ["connected", "idle", "disconnected"] },
        new("proto_ver", ApiParameterKind.Text, "LwM2M version: 1.0."),
        new("clean_start", ApiParameterKind.Flag, "Always true."),
        new("gte_created_at", ApiParameterKind.Instant, "Registered then or later."),
        new("lte_created_at", ApiParameterKind.Instant, "Registered then or before."),
        new("gte_connected_at", ApiParameterKind.Instant, "The same as gte_created_at."),
        new("lte_connected_at", ApiParameterKind.Instant, "The same as lte_created_at."),
        new("gte_lifetime", ApiParameterKind.Whole, "Lifetime in s, at least.") { Least = 0 },
        new("lte_lifetime", ApiParameterKind.Whole, "Lifetime in s, at most.") { Least = 0 },
    ];

    public IEnumerable<ApiRoute> Routes =>
    [
        new("GET", "gateways/lwm2m/clients", "Clients, ordered by client id.", ListAsync)
        {
            Parameters = Filters,
            Answers = [(200, "A page of clients.")],
        },
        new("GET", "gateways/lwm2m/clients/{clientid}", "One client.", GetAsync)
        {
            Parameters = [ClientParameter.Id],
            Answers = [(200, "The client."), Unknown],
        },
        new("DELETE", "gateways/lwm2m/clients/{clientid}", "End the session; the device is not told.", KickAsync)
        {
            Parameters = [ClientParameter.Id],
            Answers = [(204, "The session is over."), Unknown, (504, "The gateway did not say so in time.")],
        },
        new("GET", "gateways/lwm2m/clients/{clientid}/objects", "Objects and instances that the device has registered.", ObjectsAsync)
        {
            Parameters = [ClientParameter.Id],
            Answers = [(200, "Paths, with names and versions."), Unknown],
        },
        new("GET", "gateways/lwm2m/clients/{clientid}/observations", "Paths that are to be observed.", ObservationsAsync)
        {
            Parameters = [ClientParameter.Id],
            Answers = [(200, "Paths, with what was last heard of each."), Unknown],
        },
    ];

    Task<ApiAnswer> ListAsync(ApiRequest request)
    {
        var (page, limit) = (request.Whole("page"), (int)request.Whole("limit"));
        var skip = (page - 1) * limit;
        var (found, count) = clients.List(ClientFilter.Of(request), (int)Math.Min(skip, int.MaxValue), limit);
        return Task.FromResult(ApiAnswer.Ok(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("data");
            foreach (var client in found)
                Write(json, client);
            json.WriteEndArray();
            json.WriteStartObject("meta");
            json.WriteNumber("page", page);
            json.WriteNumber("limit", limit);
            json.WriteNumber("count", count);
            json.WriteBoolean("hasnext", skip + limit < count);
            json.WriteEndObject();
            json.WriteEndObject();
        }));
    }

    async Task<ApiAnswer> GetAsync(ApiRequest request)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ResourceNotFound);
        return problem ?? ApiAnswer.Ok(json => Write(json, client!));
    }

    async Task<ApiAnswer> KickAsync(ApiRequest request)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ResourceNotFound);
        if (client is null)
            return problem!;
        using var timer = new CancellationTokenSource(KickBound, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, timer.Token);
        var gone = clients.WhenGone(client.Endpoint, client.RegistrationId);
        try
        {
            var kick = new JsonObject { ["msgType"] = "kick", ["data"] = new JsonObject() };
            if (!await writer.TryWriteAsync(client.Endpoint, CommandWriter.NewId(), kick, default, bound.Token))
                return ApiAnswer.Unavailable("Kafka has not taken the command");
            await gone.WaitAsync(bound.Token);
            return ApiAnswer.NoContent;
        }
        catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
        {
            return ApiAnswer.Timeout($"the session has not ended within {KickBound.TotalSeconds:0} s; {ClientJson.NodeOf(client.Slot)} holds it");
        }
        finally
        {
            clients.Forget(client.Endpoint, gone);
        }
    }

    async Task<ApiAnswer> ObjectsAsync(ApiRequest request)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ResourceNotFound);
        return problem ?? ApiAnswer.Ok(json => ClientJson.WriteObjects(json, client!, definitions.Of(client!)));
    }

    async Task<ApiAnswer> ObservationsAsync(ApiRequest request)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ResourceNotFound);
        return problem ?? ApiAnswer.Ok(json =>
        {
            json.WriteStartArray();
            foreach (var path in client!.Observations)
            {
                json.WriteStartObject();
                json.WriteString("path", path);
                if ((results.Find(client.Endpoint, path, "observe", answered: true) ?? results.Find(client.Endpoint, path, "observe-composite", answered: true)) is { } last)
                {
                    json.WriteString("code", OutcomeEvent.Read(last.Event!)?.Code);
                    json.WriteString("heard_at", ClientJson.TimeOf(last.At));
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    void Write(Utf8JsonWriter json, RegistrationRecord client)
    {
        var subscriptions = 1 + config.TopicsOf(client.Client.Clientid).Count;
        ClientJson.Write(json, client, mountpoints.Of(client), subscriptions, commands.CountOf(client.Endpoint));
    }
}
