using System.Text.Json;
using Protocol.Lwm2m;

namespace Dashboard.Events;

/// <summary>What an answer or a notification is about, read without making anything of the rest: there may be thousands a second.</summary>
/// <param name="MsgType">Of the command; "notify".</param>
/// <param name="Path">As the command wrote it, without query; of several a list, as <see cref="PathList"/> writes it.</param>
readonly record struct EventSubject(string MsgType, string Path)
{
    /// <summary>False where it has no code or no path: nothing that is looked up.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, out EventSubject subject)
    {
        subject = default;
        string? msgType = null, path = null;
        var hasCode = false;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("msgType"u8))
                    msgType = TextOf(ref reader);
                else if (reader.ValueTextEquals("data"u8))
                    ReadData(ref reader, ref path, ref hasCode);
                else
                    reader.Skip();
            }
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // Anybody could have written to the topic.
            return false;
        }

        subject = new EventSubject(msgType ?? "", path ?? "");
        return hasCode && path is not null && msgType is not null;
    }

    static void ReadData(ref Utf8JsonReader reader, ref string? path, ref bool hasCode)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("reqPath"u8))
            {
                path = TextOf(ref reader);
                continue;
            }

            if (reader.ValueTextEquals("reqPaths"u8))
            {
                path = ListOf(ref reader);
                continue;
            }

            hasCode |= reader.ValueTextEquals("code"u8);
            reader.Skip();
        }
    }

    // Null where one of them is no path: that was refused, and is not looked up.
    static string? ListOf(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        var paths = new List<Lwm2mPath>();
        var isSound = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String && paths.Count < PathList.MaxPaths && RequestTarget.TryParse(reader.GetString()!, out var target))
                paths.Add(target.Path);
            else
                isSound = false;
            reader.Skip();
        }

        return isSound && paths.Count > 0 ? PathList.Format(paths) : null;
    }

    static string? TextOf(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        reader.Skip();
        return null;
    }
}
