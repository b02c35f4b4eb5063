namespace Tools.Credentials;

/// <summary>What is told of a credential: never its key.</summary>
/// <param name="Identity">What is proven with it: "psk:dev-1", "x509-sha256:0a1b...".</param>
/// <param name="Kind">"psk", "rpk" or "x509"; null: it cannot be read.</param>
/// <param name="Endpoint">For which endpoints it counts, as it was written.</param>
/// <param name="Problem">Why it cannot be read; null: it can.</param>
sealed record CredentialLine(string Identity, string? Kind, string? Endpoint, string? Problem)
{
    public override string ToString() => Problem is null ? $"{Identity}  for {Endpoint}" : $"{Identity}  cannot be read: {Problem}";
}
