using Contracts;

namespace Dashboard.Clients;

/// <summary>
/// Keeps one copy of what records have in common: devices of one kind register the same objects. Bounded: what finds no room is kept apart.
/// </summary>
sealed class SharedParts
{
    const int MostTexts = 10_000;
    const int MostLists = 10_000;

    static readonly Dictionary<string, string> NoAttributes = [];

    readonly Dictionary<string, string> _texts = [];
    readonly Dictionary<string, IReadOnlyList<string>> _lists = [];
    readonly Dictionary<string, IReadOnlyList<ushort>> _formats = [];
    readonly Dictionary<string, IReadOnlyDictionary<string, string>> _versions = [];

    public RegistrationRecord Compact(RegistrationRecord record, string endpoint)
    {
        var client = record.Client;
        return record with
        {
            Endpoint = endpoint,
            State = "live",
            Lwm2mVersion = Text(record.Lwm2mVersion),
            Binding = Text(record.Binding),
            AlternatePath = Text(record.AlternatePath),
            Objects = List(record.Objects),
            Observations = List(record.Observations),
            Formats = record.Formats.Count == 0 ? [] : Kept(_formats, string.Join(' ', record.Formats), record.Formats, MostLists),
            Versions = Map(record.Versions),
            Client = client with
            {
                Clientid = client.Clientid == endpoint ? endpoint : client.Clientid,
                Username = client.Username == endpoint ? endpoint : client.Username,
                Zone = Text(client.Zone),
                Listener = Text(client.Listener),
                ClientAttrs = client.ClientAttrs.Count == 0 ? NoAttributes : client.ClientAttrs,
            },
        };
    }

    string Text(string text) => Kept(_texts, text, text, MostTexts);

    IReadOnlyList<string> List(IReadOnlyList<string> list) =>
        list.Count == 0 ? [] : Kept(_lists, string.Join('\n', list), list is string[] ? list : [.. list], MostLists);

    IReadOnlyDictionary<string, string> Map(IReadOnlyDictionary<string, string> map) =>
        map.Count == 0 ? NoAttributes : Kept(_versions, string.Join('\n', map.Select(entry => $"{entry.Key}={entry.Value}")), map, MostLists);

    static T Kept<T>(Dictionary<string, T> known, string key, T value, int most)
    {
        if (known.TryGetValue(key, out var shared))
            return shared;
        if (known.Count < most)
            known.Add(key, value);
        return value;
    }
}
