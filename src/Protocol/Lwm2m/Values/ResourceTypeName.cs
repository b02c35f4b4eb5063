namespace Protocol.Lwm2m.Values;

/// <summary>Names of types in definition files and commands, such as "Unsigned Integer" and "Objlnk".</summary>
public static class ResourceTypeName
{
    /// <summary>Case does not matter; an empty name is <see cref="ResourceType.None"/>.</summary>
    public static bool TryParse(string name, out ResourceType type)
    {
        ResourceType? known = name.Trim().ToUpperInvariant() switch
        {
            "" or "NONE" => ResourceType.None,
            "STRING" => ResourceType.String,
            "INTEGER" => ResourceType.Integer,
            "UNSIGNED INTEGER" or "UNSIGNEDINTEGER" => ResourceType.UnsignedInteger,
            "FLOAT" => ResourceType.Float,
            "BOOLEAN" => ResourceType.Boolean,
            "OPAQUE" => ResourceType.Opaque,
            "TIME" => ResourceType.Time,
            "OBJLNK" => ResourceType.ObjectLink,
            "CORELNK" => ResourceType.CoreLink,
            _ => null,
        };
        type = known ?? ResourceType.None;
        return known is not null;
    }

    /// <summary>The name as definition files spell it; empty for <see cref="ResourceType.None"/>.</summary>
    public static string Of(ResourceType type) => type switch
    {
        ResourceType.None => "",
        ResourceType.UnsignedInteger => "Unsigned Integer",
        ResourceType.ObjectLink => "Objlnk",
        ResourceType.CoreLink => "Corelnk",
        _ => type.ToString(),
    };
}
