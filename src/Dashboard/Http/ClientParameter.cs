namespace Dashboard.Http;

/// <summary>Parameters that many routes have.</summary>
static class ClientParameter
{
    public static readonly ApiParameter Id = new("clientid", ApiParameterKind.Text, "Client id, percent-encoded.") { InPath = true, Required = true };

    public static readonly ApiParameter Path =
        new("path", ApiParameterKind.Path, "LwM2M path, perhaps with a query.") { Required = true, Example = "/3/0/0" };

    public static readonly ApiParameter Wait =
        new("wait", ApiParameterKind.Flag, "Answer with the outcome instead of at once.") { Default = false };

    public static readonly ApiParameter Timeout =
        new("timeout", ApiParameterKind.Whole, "How long to wait, in ms; the command is not started later than that.")
        {
            Least = 1,
            Most = 120_000,
            Default = 15_000L,
        };
}
