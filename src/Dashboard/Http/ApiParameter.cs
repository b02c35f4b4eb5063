using System.Globalization;
using System.Net;
using Protocol.Lwm2m;

namespace Dashboard.Http;

/// <summary>A parameter of a path or a query: what it must be, and what the OpenAPI document says of it.</summary>
sealed record ApiParameter(string Name, ApiParameterKind Kind, string Doc)
{
    const int MaxLength = 4096;

    public bool Required { get; init; }

    public bool InPath { get; init; }

    public long Least { get; init; } = long.MinValue;

    public long Most { get; init; } = long.MaxValue;

    /// <summary>All texts that are allowed; null = any.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>What is taken where it is not given; null = nothing.</summary>
    public object? Default { get; init; }

    /// <summary>Given in the OpenAPI document, and right.</summary>
    public string? Example { get; init; }

    /// <summary>False: <paramref name="problem"/> is a sentence for whoever asked. The value is a string, long, bool or IPAddress.</summary>
    public bool TryRead(string text, out object value, out string problem)
    {
        value = text;
        problem = "";
        if (text.Length > MaxLength)
            problem = $"{Name} is longer than {MaxLength} characters";
        else if (Choices is not null && !Choices.Contains(text))
            problem = $"{Name} = {Shown(text)} must be one of {string.Join(", ", Choices)}";
        else if (!TryConvert(text, out value, out var expected))
            problem = $"{Name} = {Shown(text)} {expected}";
        return problem.Length == 0;
    }

    bool TryConvert(string text, out object value, out string expected)
    {
        value = text;
        expected = "";
        switch (Kind)
        {
            case ApiParameterKind.Whole:
                expected = Most == long.MaxValue ? $"must be a number of at least {Least}" : $"must be a number from {Least} to {Most}";
                var isWhole = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
                value = number;
                return isWhole && number >= Least && number <= Most;
            case ApiParameterKind.Flag:
                expected = "must be true or false";
                value = text is "true" or "1";
                return text is "true" or "1" or "false" or "0";
            case ApiParameterKind.Instant:
                expected = "must be a time such as 2026-01-31T12:00:00Z, or Unix time in ms";
                return TryInstant(text, out value);
            case ApiParameterKind.Path:
                expected = "must be a path of up to four numbers, such as /3/0/0";
                return RequestTarget.TryParse(text, out _);
            case ApiParameterKind.Address:
                expected = "must be an IP address";
                var isAddress = IPAddress.TryParse(text, out var address);
                value = address ?? IPAddress.None;
                return isAddress;
            default:
                return true;
        }
    }

    // A '+' that nobody has encoded has become a blank.
    static bool TryInstant(string text, out object value)
    {
        value = 0L;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            value = milliseconds;
            return true;
        }

        if (!DateTimeOffset.TryParse(
            text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return false;
        value = time.ToUnixTimeMilliseconds();
        return true;
    }

    static string Shown(string text) => text.Length <= 64 ? $"\"{text}\"" : $"\"{text[..64]}...\"";
}
