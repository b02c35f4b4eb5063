using System.Globalization;
using System.Text;
using Protocol.Coap;
using Protocol.Lwm2m.Formats;

namespace Tools.Simulation;

/// <summary>The requests of the registration interface as bytes (LwM2M Core 1.1 section 6.2).</summary>
static class RegistrationRequests
{
    /// <summary>More than a Register with the longest endpoint name and object list of a simulated device needs.</summary>
    const int MaxLength = 1280;

    public static byte[] Register(ushort messageId, CoapToken token, DeviceSettings settings, long lifetime, ReadOnlySpan<byte> links)
    {
        Span<byte> buffer = stackalloc byte[MaxLength];
        Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, messageId, token.CopyTo(bytes));
        writer.AddUriPath("rd");
        writer.AddOption(CoapOptionNumber.ContentFormat, ContentFormats.LinkFormat);
        writer.AddOption(CoapOptionNumber.UriQuery, "ep=" + settings.Endpoint);
        writer.AddOption(CoapOptionNumber.UriQuery, string.Create(CultureInfo.InvariantCulture, $"lt={lifetime}"));
        writer.AddOption(CoapOptionNumber.UriQuery, "lwm2m=" + settings.Lwm2mVersion);
        writer.AddOption(CoapOptionNumber.UriQuery, "b=" + settings.Binding);
        // LwM2M 1.1 says queue mode beside the binding, 1.0 within it ("UQ").
        if (settings.QueueMode is not null && settings.Lwm2mVersion != "1.0")
            writer.AddOption(CoapOptionNumber.UriQuery, "Q");
        writer.AddPayload(links);
        return Finish(writer, buffer);
    }

    /// <summary>Null leaves out what has not changed.</summary>
    public static byte[] Update(ushort messageId, CoapToken token, string location, long? lifetime, byte[]? links)
    {
        Span<byte> buffer = stackalloc byte[MaxLength];
        Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, messageId, token.CopyTo(bytes));
        writer.AddUriPath(location);
        if (links is not null)
            writer.AddOption(CoapOptionNumber.ContentFormat, ContentFormats.LinkFormat);
        if (lifetime is { } seconds)
            writer.AddOption(CoapOptionNumber.UriQuery, string.Create(CultureInfo.InvariantCulture, $"lt={seconds}"));
        writer.AddPayload(links);
        return Finish(writer, buffer);
    }

    public static byte[] Deregister(ushort messageId, CoapToken token, string location)
    {
        Span<byte> buffer = stackalloc byte[MaxLength];
        Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Delete, messageId, token.CopyTo(bytes));
        writer.AddUriPath(location);
        return Finish(writer, buffer);
    }

    /// <summary>The Location-Path of a 2.01 as one text.</summary>
    public static string LocationOf(in CoapFrame response)
    {
        var location = new StringBuilder();
        foreach (var segment in response.LocationPath)
            location.Append('/').Append(Encoding.UTF8.GetString(segment));
        return location.ToString();
    }

    static byte[] Finish(in CoapWriter writer, ReadOnlySpan<byte> buffer) => writer.TryFinish(out var length)
        ? buffer[..length].ToArray()
        : throw new InvalidOperationException("The endpoint name or location is too long for a request.");
}
