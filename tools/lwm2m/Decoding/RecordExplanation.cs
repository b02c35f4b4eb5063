using System.Globalization;
using System.Text;
using System.Text.Json;
using Contracts;
using Google.Protobuf;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Tools.Captures;
using Tools.Traffic;

namespace Tools.Decoding;

/// <summary>The value of a Kafka record in lines for people: what it says first, then its fields as JSON. Takes any bytes.</summary>
sealed class RecordExplanation
{
    static readonly JsonFormatter Fields = new(JsonFormatter.Settings.Default.WithIndentation("  ").WithPreserveProtoFieldNames(true));
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly DefinitionCatalog _definitions;
    readonly DefinitionView _names;
    readonly List<string> _lines = [];

    RecordExplanation(DefinitionCatalog definitions) => (_definitions, _names) = (definitions, definitions.For(null));

    /// <summary>False where it is no such record; the lines then say why.</summary>
    /// <param name="kind">One of a record.</param>
    /// <param name="value">Its value.</param>
    /// <param name="definitions">For names and types.</param>
    /// <param name="lines">The explanation.</param>
    public static bool TryExplain(RecordKind kind, byte[] value, DefinitionCatalog definitions, out IReadOnlyList<string> lines)
    {
        var explanation = new RecordExplanation(definitions);
        lines = explanation._lines;
        try
        {
            return explanation.Add(kind, value);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            explanation._lines.Clear();
            explanation._lines.Add($"not a record of {kind.ToString().ToLowerInvariant()}: {malformed.Message}");
            return false;
        }
    }

    bool Add(RecordKind kind, byte[] value)
    {
        switch (kind)
        {
            case RecordKind.Uplink:
                var uplink = UplinkEvent.Parser.ParseFrom(value);
                return IsUnderstood(uplink.Schema) && Add(uplink);
            case RecordKind.Downlink:
                var downlink = DownlinkOperation.Parser.ParseFrom(value);
                return IsUnderstood(downlink.Schema) && Add(downlink);
            case RecordKind.Operation:
                var operation = OperationRecord.Parser.ParseFrom(value);
                return IsUnderstood(operation.Schema) && Add(operation);
            case RecordKind.Session:
                var session = SessionRecord.Parser.ParseFrom(value);
                return IsUnderstood(session.Schema) && Add(session);
            case RecordKind.Capture:
                var captured = CapturedDatagram.Parser.ParseFrom(value);
                return IsUnderstood(captured.Schema) && Add(captured);
            case RecordKind.Registration:
                return AddRegistration(value);
            default:
                AddOther(value);
                return true;
        }
    }

    bool AddRegistration(byte[] value)
    {
        var isSound = RegistrationRecord.TryParse(value, out var record);
        _lines.Add(isSound
            ? $"{Plain(record!.Endpoint)} is {Plain(record.State)}, number {record.Number}, at ingress {record.Slot}, heard at {Plain(record.Peer)}"
            : "not a registration record");
        foreach (var path in record?.Objects ?? [])
            _lines.Add($"  {Plain(path)} {_names.NameOf(path ?? "")}".TrimEnd());
        AddOther(value);
        return isSound;
    }

    bool IsUnderstood(uint schema)
    {
        if (schema is > 0 and <= Schema.Current)
            return true;
        _lines.Add($"schema {schema} is not understood; this tool knows {Schema.Current}");
        return false;
    }

    bool Add(UplinkEvent told)
    {
        var id = new EventId(told.IdHigh, told.IdLow);
        _lines.Add($"{told.Kind} {Plain(told.Endpoint)} {TimeOf(told.ReceivedNs)} from {Plain(told.Peer)}, id {id}");
        if (told.Path.Length > 0)
            _lines.Add($"{Plain(told.Path)} {_names.NameOf(told.Path)}".TrimEnd());
        if (told.Kind == EventKind.Outcome)
            _lines.Add($"{told.Outcome}{(told.Reason.Length > 0 ? ": " + Plain(told.Reason) : "")}");
        if (told.Code > 0)
            _lines.Add($"code {told.Code >> 5}.{told.Code & 31:00}");
        if (!told.Payload.IsEmpty)
            AddPayload(told.HasContentFormat ? told.ContentFormat : null, told.Payload, told.Path);
        AddFields(new UplinkEvent(told) { Payload = ByteString.Empty });
        return true;
    }

    bool Add(DownlinkOperation operation)
    {
        _lines.Add($"{RequestReading.NameOf(operation.Kind)} {Plain(operation.Path)} {_names.NameOf(operation.Path)}".TrimEnd() + $" of {Plain(operation.Endpoint)}");
        if (!operation.Payload.IsEmpty)
            AddPayload(operation.HasContentFormat ? operation.ContentFormat : null, operation.Payload, operation.Path);
        AddFields(new DownlinkOperation(operation) { Payload = ByteString.Empty });
        return true;
    }

    bool Add(OperationRecord record)
    {
        _lines.Add($"{record.State}{(record.Outcome == Outcome.Unspecified ? "" : $", {record.Outcome}")}");
        if (record.Operation is { } operation && operation.Kind != OperationKind.Unspecified)
            Add(operation);
        AddFields(new OperationRecord(record) { Operation = null });
        return true;
    }

    bool Add(SessionRecord record)
    {
        _lines.Add($"{Plain(record.Endpoint)} {(record.Live ? "is registered" : "is gone")}, number {record.Number}, at ingress {record.Slot} (epoch {record.Epoch})");
        foreach (var observation in record.Observations)
            _lines.Add($"  observed {Plain(observation.Path)} {_names.NameOf(observation.Path)}".TrimEnd());
        foreach (var owed in record.Owed)
        {
            var told = UplinkEvent.Parser.ParseFrom(owed);
            _lines.Add($"  owes the event {told.Kind} {TimeOf(told.ReceivedNs)}");
        }

        var rest = new SessionRecord(record);
        rest.Owed.Clear();
        AddFields(rest);
        return true;
    }

    bool Add(CapturedDatagram captured)
    {
        var whose = captured.Endpoint.Length > 0 ? Plain(captured.Endpoint) : "no endpoint that is known";
        var (from, to) = CaptureExport.EndsOf(captured);
        _lines.Add($"{captured.Direction} {TimeOf(captured.CapturedNs)} {from} > {to} over {captured.Transport}, of {whose}");
        if (captured.Dropped > 0)
            _lines.Add($"{captured.Dropped} datagrams before it were not recorded");
        DatagramExplanation.TryExplain(captured.Datagram.Span, _definitions, null, out var lines);
        _lines.AddRange(lines.Select(line => "  " + line));
        AddFields(new CapturedDatagram(captured) { Datagram = ByteString.Empty });
        return true;
    }

    void AddPayload(uint? format, ByteString payload, string path)
    {
        if (format <= ushort.MaxValue || format is null)
            PayloadExplanation.TryExplain((ushort?)format, payload.Span, Lwm2mPath.TryParse(path.Length > 0 ? path : "/", out var parsed) ? parsed : default, _names, _lines);
        else
            _lines.Add($"payload in content format {format}, which cannot be: {Convert.ToHexStringLower(payload.Span)}");
    }

    void AddFields(IMessage message) => _lines.AddRange(Fields.Format(message).Split('\n'));

    // JSON, text, or anything.
    void AddOther(byte[] value)
    {
        try
        {
            using var document = JsonDocument.Parse(value);
            _lines.AddRange(JsonSerializer.Serialize(document.RootElement, Indented).Split('\n'));
        }
        // A lone surrogate is JSON by its grammar, and still no text.
        catch (Exception none) when (none is JsonException or InvalidOperationException or ArgumentException)
        {
            _lines.Add(System.Text.Unicode.Utf8.IsValid(value) ? PlainText.Of(Encoding.UTF8.GetString(value)) : Convert.ToHexStringLower(value));
        }
    }

    static string TimeOf(ulong ns) => Instant.Of(ns).ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    static string Plain(string? text) => PlainText.Of(text ?? "");
}
