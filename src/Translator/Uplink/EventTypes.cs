namespace Translator.Uplink;

/// <summary>CloudEvents types of device events.</summary>
public static class EventTypes
{
    public const string Register = "lwm2m.register";
    public const string Update = "lwm2m.update";
    public const string Deregister = "lwm2m.deregister";
    public const string Expired = "lwm2m.expired";
    public const string Replaced = "lwm2m.replaced";
    public const string Notify = "lwm2m.notify";
    public const string Send = "lwm2m.send";

    /// <summary>Retained state: registered or not.</summary>
    public const string Online = "lwm2m.online";

    /// <summary>The device has the command; the outcome follows.</summary>
    public const string Ack = "lwm2m.ack";

    /// <summary>How a command ended.</summary>
    public const string Response = "lwm2m.response";

    /// <summary>A peer did not get in over DTLS. Of no device that is known: it stays on Kafka.</summary>
    public const string DtlsFailed = "lwm2m.dtls_failed";
}
