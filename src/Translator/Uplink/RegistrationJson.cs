using System.Globalization;
using System.Text;
using Contracts;

namespace Translator.Uplink;

/// <summary>The data of register and update events: what the device sent as query, merged over Updates, and its object list.</summary>
internal static class RegistrationJson
{
    public static void Write(JsonOutput json, UplinkEvent uplink)
    {
        // A later parameter of the same name replaces an earlier one; ours replace the device's.
        var members = new SortedDictionary<byte[], Action<JsonOutput>>(ByteOrder.Instance);
        var registration = uplink.Registration ?? new RegistrationInfo();
        foreach (var parameter in registration.Parameters)
        {
            var value = parameter.Value;
            members[Encoding.UTF8.GetBytes(parameter.Key)] = output => output.Text(value);
        }

        var lifetime = "lt"u8.ToArray();
        if (registration.LifetimeSent || members.ContainsKey(lifetime))
        {
            members[lifetime] = output => output.Number(LifetimeOf(registration));
        }

        if (registration.HasObjectList || registration.ObjectList.Count > 0)
        {
            members["alternatePath"u8.ToArray()] = output => output.Text(uplink.AlternatePath.Length > 0 ? uplink.AlternatePath : "/");
            members["objectList"u8.ToArray()] = output => EventJson.WriteTexts(output, registration.ObjectList);
        }

        json.Raw("{"u8);
        var separator = default(ReadOnlySpan<byte>);
        foreach (var (name, write) in members)
        {
            json.Raw(separator);
            separator = ","u8;
            json.Utf8Text(name);
            json.Raw(":"u8);
            write(json);
        }

        json.Raw("}"u8);
    }

    // The parameter is what was sent last; the field may already be bounded.
    private static long LifetimeOf(RegistrationInfo registration)
    {
        for (var i = registration.Parameters.Count - 1; i >= 0; i--)
        {
            if (registration.Parameters[i] is { Key: "lt" } parameter
                && long.TryParse(parameter.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            {
                return seconds;
            }
        }

        return registration.Lifetime;
    }
}
