namespace Protocol.Lwm2m.Links;

/// <summary>One link of a link-format document: what stands between the angle brackets, and its attributes in order.</summary>
/// <param name="Text">The whole link as it was received, without the blanks around it.</param>
public sealed record CoreLink(string Target, IReadOnlyList<LinkAttribute> Attributes, string Text)
{
    /// <summary>The value of the first attribute of that name, compared without case; null where it is missing or stands alone.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var attribute in Attributes)
            {
                if (attribute.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return attribute.Value;
            }
            return null;
        }
    }
}
