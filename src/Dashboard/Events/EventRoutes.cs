using Dashboard.Clients;
using Dashboard.Http;

namespace Dashboard.Events;

/// <summary>What happens, as it happens.</summary>
sealed class EventRoutes(EventStreams streams, ClientFinder finder)
{
    static readonly ApiParameter[] Filters =
    [
        new("type", ApiParameterKind.Text, "Only these, separated by commas: " + string.Join(", ", EventFilter.KnownTypes) + ".")
        {
            Example = "notify,response",
        },
        new("last_event_id", ApiParameterKind.Text, "As the header Last-Event-ID, for readers that cannot send it at first."),
    ];

    public IEnumerable<ApiRoute> Routes =>
    [
        new("GET", "gateways/lwm2m/events", "Events of all clients (server-sent events).", request => Task.FromResult(streams.Open(request, null)))
        {
            Parameters = Filters,
            Answers = [(200, "A stream of CloudEvents."), (503, "Too many streams are open.")],
        },
        new("GET", "gateways/lwm2m/clients/{clientid}/events", "Events of one client (server-sent events).", OfClientAsync)
        {
            Parameters = [ClientParameter.Id, .. Filters],
            Answers = [(200, "A stream of CloudEvents."), (404, "There is no such client."), (503, "Too many streams are open.")],
        },
    ];

    async Task<ApiAnswer> OfClientAsync(ApiRequest request)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ResourceNotFound);
        return problem ?? streams.Open(request, client!.Endpoint);
    }
}
