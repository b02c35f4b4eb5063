using System.Text;
using System.Text.Json.Nodes;
using Contracts;
using Contracts.Configuration;
using Dashboard.Http;
using Hosting;
using Hosting.Configuration;
using Messaging;
using Microsoft.AspNetCore.Http;

namespace Dashboard.Gateways;

/// <summary>The section <c>gateway.lwm2m</c> as files and run time changes give it together, and the way to change it.</summary>
sealed class Lwm2mSettings(LiveConfiguration live, ConfigTable table, ConfigWriter writer, LogReader reader, Topics topics)
{
    static readonly TimeSpan ReadBound = TimeSpan.FromSeconds(1);

    /// <summary>What is in force in this process, which takes changes as all others do.</summary>
    public Lwm2mOptions Current => live.Current.Lwm2m;

    /// <summary>Changes what is laid over the files. Null: it is in force at all instances; else the error to answer with.</summary>
    /// <param name="change">Of all that is laid over the files; an error of its own ends it.</param>
    public async Task<ApiAnswer?> ChangeAsync(Func<JsonObject, ApiAnswer?> change, CancellationToken aborted)
    {
        using var turn = await writer.BeginAsync(aborted);
        if (!await reader.CatchUpAsync(topics.Config, 0, ReadBound))
            return ApiAnswer.Unavailable("the earlier changes cannot be read now");
        var now = table.Find(ConfigTable.Lwm2m);
        var wanted = now?.DeepClone().AsObject() ?? [];
        if (change(wanted) is { } problem)
            return problem;
        var tried = ConfigurationChange.Try(live, now, wanted);
        if (tried.Problems.Count > 0)
            return ApiAnswer.BadRequest(string.Join("; ", tried.Problems));
        if (tried.NeedRestart.Count > 0)
        {
            return ApiAnswer.BadRequest(
                $"not changed: {string.Join(", ", tried.NeedRestart)} cannot change while running and needs a restart; set it in the configuration file");
        }

        return tried.ChangesNothing ? null : await writer.WriteAsync(ConfigTable.Lwm2m, Encoding.UTF8.GetBytes(tried.Difference.ToJsonString()), null, aborted);
    }

    /// <summary>Lays a change over what there is: objects are merged, all else is replaced. Covered secrets stay as they are.</summary>
    public static void Merge(JsonObject into, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            if (value is JsonValue text && text.TryGetValue<string>(out var covered) && covered == ConfigurationJson.Covered)
                continue;
            if (value is JsonObject inner && into[name] is JsonObject present)
                Merge(present, inner);
            else
                into[name] = value?.DeepClone();
        }
    }

    /// <summary>The object at a path, made where it is missing.</summary>
    public static JsonObject At(JsonObject root, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (root[name] is not JsonObject inner)
                root[name] = inner = [];
            root = inner;
        }

        return root;
    }
}
