using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Dashboard.Http;

/// <summary>A request whose parameters and body are as its route wants them.</summary>
sealed class ApiRequest(HttpContext context, IReadOnlyDictionary<string, object> values, JsonObject? body)
{
    public HttpContext Context => context;

    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>Not null where the route has a body.</summary>
    public JsonObject Body => body!;

    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>Of a required parameter, or one with a default.</summary>
    public string Text(string name) => (string)values[name];

    public string? TextOrNull(string name) => values.TryGetValue(name, out var value) ? (string)value : null;

    public long Whole(string name) => (long)values[name];

    public long? WholeOrNull(string name) => values.TryGetValue(name, out var value) ? (long)value : null;

    public bool Flag(string name) => (bool)values[name];

    public bool? FlagOrNull(string name) => values.TryGetValue(name, out var value) ? (bool)value : null;

    public IPAddress? AddressOrNull(string name) => values.TryGetValue(name, out var value) ? (IPAddress)value : null;
}
