namespace Dashboard.Http;

/// <summary>Values of <c>code</c> in the body of an error.</summary>
static class ApiError
{
    public const string BadRequest = "BAD_REQUEST";
    public const string Unauthorized = "UNAUTHORIZED";
    public const string Forbidden = "FORBIDDEN";
    public const string NotFound = "NOT_FOUND";
    public const string ResourceNotFound = "RESOURCE_NOT_FOUND";
    public const string ClientNotFound = "CLIENT_NOT_FOUND";
    public const string MethodNotAllowed = "METHOD_NOT_ALLOWED";
    public const string Conflict = "CONFLICT";
    public const string TooManyRequests = "TOO_MANY_REQUESTS";
    public const string Internal = "INTERNAL_ERROR";
    public const string BadGateway = "BAD_GATEWAY";
    public const string Unavailable = "SERVICE_UNAVAILABLE";
    public const string Timeout = "TIMEOUT";
}
