namespace Contracts;

/// <summary>Who a client is. What placeholders of templates stand for is written here, once.</summary>
public sealed partial class ClientIdentity
{
    private const string Attribute = "client_attrs.";

    /// <summary>Whether <see cref="ValueOf"/> may know a placeholder of that name.</summary>
    public static bool Knows(string placeholder) =>
        placeholder is "clientid" or "username" or "endpoint_name" or "peerhost" or "zone" || placeholder.StartsWith(Attribute, StringComparison.Ordinal);

    /// <summary>What a placeholder stands for; null where it is unknown or has no value.</summary>
    /// <param name="placeholder">"clientid", "username", "endpoint_name", "peerhost", "zone" or "client_attrs.NAME".</param>
    /// <param name="endpoint">The endpoint name of the client.</param>
    public string? ValueOf(string placeholder, string endpoint)
    {
        ArgumentNullException.ThrowIfNull(placeholder);
        return placeholder switch
        {
            "clientid" => Clientid,
            "username" => Username,
            "endpoint_name" => endpoint,
            "peerhost" => Peerhost,
            "zone" => Zone,
            _ => placeholder.StartsWith(Attribute, StringComparison.Ordinal) && ClientAttrs.TryGetValue(placeholder[Attribute.Length..], out var value) ? value : null,
        };
    }
}
