namespace Dashboard.Http;

/// <summary>One row of the table that requests are answered by and the OpenAPI document is made of.</summary>
/// <param name="Template">Below <c>/api/v5</c>; <c>{name}</c> is one segment, <c>{name*}</c> the rest.</param>
sealed record ApiRoute(string Method, string Template, string Summary, Func<ApiRequest, Task<ApiAnswer>> Handle)
{
    readonly string[] _segments = Template.Split('/', StringSplitOptions.RemoveEmptyEntries);

    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>A JSON object that is right; null: the route takes no body.</summary>
    public string? BodyExample { get; init; }

    /// <summary>Cannot be answered before the topics have been read.</summary>
    public bool NeedsState { get; init; } = true;

    /// <summary>Answers in good order, and those errors that are worth a word.</summary>
    public IReadOnlyList<(int Status, string Meaning)> Answers { get; init; } = [];

    /// <summary>As the OpenAPI document spells it.</summary>
    public string Path => "/" + string.Join('/', _segments).Replace("*}", "}", StringComparison.Ordinal);

    /// <summary>The texts of the path's parameters; null where this is another path.</summary>
    public Dictionary<string, string>? Match(IReadOnlyList<string> segments)
    {
        var values = new Dictionary<string, string>();
        for (var i = 0; i < _segments.Length; i++)
        {
            var wanted = _segments[i];
            if (i >= segments.Count)
                return null;
            if (wanted.EndsWith("*}", StringComparison.Ordinal))
            {
                values[wanted[1..^2]] = string.Join('/', segments.Skip(i));
                return values;
            }

            if (wanted[0] == '{')
                values[wanted[1..^1]] = segments[i];
            else if (wanted != segments[i])
                return null;
        }

        return segments.Count == _segments.Length ? values : null;
    }
}
