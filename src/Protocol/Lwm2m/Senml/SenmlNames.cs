using Protocol.Lwm2m.Formats;

namespace Protocol.Lwm2m.Senml;

/// <summary>How the paths of a pack are split into one base name and the names of its records.</summary>
readonly struct SenmlNames
{
    /// <param name="basePath">The path of the request, at or below which all values lie.</param>
    internal SenmlNames(Lwm2mPath basePath, List<TimedValue> values)
    {
        var isOne = values.TrueForAll(value => value.Path == basePath);
        Base = basePath.IsRoot || values.Count == 0 ? "" : isOne ? basePath.ToString() : basePath + "/";
    }

    /// <summary>Empty where the records have their whole paths.</summary>
    internal string Base { get; }

    /// <summary>What stands in the record, behind the base name; may be empty.</summary>
    internal string Of(Lwm2mPath path) => path.ToString()[Base.Length..];
}
