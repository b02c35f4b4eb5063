using System.Diagnostics.CodeAnalysis;

namespace Dashboard.Gateways;

/// <summary>Which listener: EMQX's id is <c>lwm2m:udp:default</c>, registrations say <c>udp:default</c>.</summary>
readonly record struct ListenerName(string Type, string Name)
{
    public static readonly IReadOnlyList<string> Types = ["udp", "dtls"];

    public string Id => $"lwm2m:{Type}:{Name}";

    public string Short => $"{Type}:{Name}";

    public static bool TryParse(string id, [NotNullWhen(true)] out ListenerName? name)
    {
        name = id.Split(':') switch
        {
            ["lwm2m", var type, var own] when Types.Contains(type) => new ListenerName(type, own),
            [var type, var own] when Types.Contains(type) => new ListenerName(type, own),
            _ => null,
        };
        return name is not null;
    }
}
