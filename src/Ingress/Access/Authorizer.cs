using Contracts;
using Contracts.Configuration;
using Microsoft.Extensions.Logging;

namespace Ingress.Access;

/// <summary>EMQX's <c>authorization</c>: each topic is asked about, source by source, until one decides.</summary>
sealed class Authorizer : IDisposable
{
    readonly List<HttpBackend> _sources;
    readonly bool _deniesUnmatched;

    public Authorizer(AuthorizationOptions options, TimeProvider time, ILogger logger)
    {
        _sources = [.. options.Sources.Where(s => s is { Enable: true, Type: "http", Url: not null }).Select(s => new HttpBackend("authorization", s, time, logger))];
        _deniesUnmatched = options.NoMatch == "deny";
    }

    /// <summary>False: everything is allowed.</summary>
    public bool Decides => _sources.Count > 0 || _deniesUnmatched;

    /// <summary>What is denied, and where the first denied topic is; null where somebody who had to be asked did not answer.</summary>
    public async Task<(Denied Bits, DeviceTopic? First)?> AuthorizeAsync(Lwm2mOptions options, AdmissionQuestion question, CancellationToken stopping)
    {
        var topics = DeviceTopics.Of(options, question.Endpoint, question.Client).ToList();
        var allowed = await Task.WhenAll(topics.Select(topic => AllowsAsync(topic, question, stopping)));
        if (Array.Exists(allowed, a => a is null))
            return null;
        var denied = topics.Where((_, i) => allowed[i] == false).ToList();
        return (denied.Aggregate(Denied.Nothing, (bits, topic) => bits | topic.Bits), denied.FirstOrDefault());
    }

    public void Dispose() => _sources.ForEach(source => source.Dispose());

    async Task<bool?> AllowsAsync(DeviceTopic topic, AdmissionQuestion question, CancellationToken stopping)
    {
        var values = new DeviceValues(question.Endpoint, question.Client, password: null)
        {
            Peerhost = question.Peerhost, Topic = topic.Topic, Action = topic.Action, Qos = topic.Qos, Mountpoint = topic.Mountpoint,
        };
        foreach (var source in _sources)
        {
            var reply = await source.AskAsync(values.Of, HttpReply.Of, stopping) ?? HttpReply.Unreachable;
            switch (reply.Result)
            {
                case HttpResult.Allow:
                    return true;
                case HttpResult.Deny:
                    return false;
                // The next source might allow what this one would have denied.
                case HttpResult.Unreachable:
                    return null;
            }
        }

        return !_deniesUnmatched;
    }
}
