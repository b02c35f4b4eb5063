using System.Globalization;

namespace Translator.Uplink;

/// <summary>CoAP codes (one byte: class in the upper three bits, detail in the lower five) as events show them: "2.05", "content".</summary>
public static class CodeNames
{
    public const byte BadRequest = 0x80;
    public const byte Forbidden = 0x83;
    public const byte NotFound = 0x84;
    public const byte ServiceUnavailable = 0xA3;
    public const byte GatewayTimeout = 0xA4;
    public const byte Content = 0x45;

    // EMQX's names where it has one; the others in the same style, by the CoAP code registry.
    private static readonly Dictionary<string, string> Known = new()
    {
        ["2.01"] = "created",
        ["2.02"] = "deleted",
        ["2.03"] = "valid",
        ["2.04"] = "changed",
        ["2.05"] = "content",
        ["2.31"] = "continue",
        ["4.00"] = "bad_request",
        ["4.01"] = "unauthorized",
        ["4.02"] = "bad_option",
        ["4.03"] = "forbidden",
        ["4.04"] = "not_found",
        ["4.05"] = "method_not_allowed",
        ["4.06"] = "not_acceptable",
        ["4.08"] = "request_entity_incomplete",
        ["4.09"] = "conflict",
        ["4.12"] = "precondition_failed",
        ["4.13"] = "request_entity_too_large",
        ["4.15"] = "unsupported_content_format",
        ["4.22"] = "unprocessable_entity",
        ["4.29"] = "too_many_requests",
        ["5.00"] = "internal_server_error",
        ["5.01"] = "not_implemented",
        ["5.02"] = "bad_gateway",
        ["5.03"] = "service_unavailable",
        ["5.04"] = "gateway_timeout",
        ["5.05"] = "proxying_not_supported",
        ["5.08"] = "hop_limit_reached",
    };

    private static readonly string[] Codes =
        [.. Enumerable.Range(0, 256).Select(code => string.Create(CultureInfo.InvariantCulture, $"{code >> 5}.{code & 31:00}"))];

    private static readonly string[] Names = [.. Codes.Select(code => Known.GetValueOrDefault(code) ?? NameOfClass(code[0]))];

    /// <summary>"2.05".</summary>
    public static string CodeOf(byte code) => Codes[code];

    /// <summary>"content"; a code without a name has that of its class.</summary>
    public static string NameOf(byte code) => Names[code];

    internal static bool IsSuccess(byte code) => code >> 5 == 2;

    private static string NameOfClass(char first) => first switch
    {
        '2' => "success",
        '4' => "client_error",
        '5' => "server_error",
        _ => "unknown",
    };
}
