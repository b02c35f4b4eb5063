namespace Protocol.Lwm2m.Formats;

/// <summary>
/// TLV records to paths and values. Ids come from the records; what the records leave out comes from the request. Records nest as the
/// format allows (instance, resource, resource instance) and no deeper, whatever a payload claims.
/// </summary>
static class TlvDecoder
{
    internal static DecodedContent Decode(ReadOnlySpan<byte> payload, in DecodeContext context)
    {
        var request = context.RequestPath;
        if (request.IsRoot)
            return DecodedContent.Failed("TLV does not name the object, and neither does the request path");
        if (payload.IsEmpty && request.Depth > 2)
            return DecodedContent.Failed("empty TLV payload for a resource");
        if (!TlvReader.TryOpen(payload, out var reader, out var reason))
            return DecodedContent.Failed(reason);

        var sink = new ItemSink(context.Definitions, CountOf(reader));
        var instance = InstanceOf(context);
        while (reader.Read() && !sink.IsFull)
        {
            switch (reader.Kind)
            {
                case TlvKind.ObjectInstance:
                    AddInstance(sink, new Lwm2mPath(request.ObjectId, reader.Id), reader.Value);
                    break;
                // The request names the resource already; an id that differs is a slip of the device.
                case TlvKind.Resource when reader.Count == 1 && request.Depth > 2:
                    sink.AddTlv(request, reader.Value);
                    break;
                case TlvKind.Resource or TlvKind.MultipleResource when instance is { } path:
                    AddResource(sink, path, reader);
                    break;
                case TlvKind.ResourceInstance when request.Depth > 2:
                    sink.AddTlv(request.Take(3).Append(reader.Id), reader.Value);
                    break;
                default:
                    sink.AddRaw(request, reader.Value, $"TLV record {reader.Kind} {reader.Id} does not belong below the request path");
                    break;
            }
        }
        return sink.ToContent(request.ObjectId);
    }

    // Of the first two levels, so that no room is made that stays empty.
    static int CountOf(TlvReader records)
    {
        var count = 0;
        while (records.Read())
        {
            var holds = records.Kind is TlvKind.MultipleResource or TlvKind.ObjectInstance;
            count += holds && TlvReader.TryOpen(records.Value, out var inner, out _) ? inner.Count : 1;
        }
        return count;
    }

    // A device may leave the instance out when a whole object is read that can have one instance only: that is number 0.
    static Lwm2mPath? InstanceOf(in DecodeContext context)
    {
        var request = context.RequestPath;
        if (request.Depth >= 2)
            return request.Take(2);
        return context.Definitions.FindObject(request.ObjectId) is { Multiple: false } ? request.Append(0) : null;
    }

    static void AddInstance(ItemSink sink, Lwm2mPath instance, ReadOnlySpan<byte> content)
    {
        if (!TlvReader.TryOpen(content, out var reader, out var reason))
        {
            sink.AddRaw(instance, content, reason);
            return;
        }
        while (reader.Read() && !sink.IsFull)
            AddResource(sink, instance, reader);
    }

    static void AddResource(ItemSink sink, Lwm2mPath instance, TlvReader record)
    {
        switch (record.Kind)
        {
            case TlvKind.Resource:
                sink.AddTlv(instance.Append(record.Id), record.Value);
                break;
            case TlvKind.MultipleResource:
                AddResourceInstances(sink, instance.Append(record.Id), record.Value);
                break;
            default:
                sink.AddRaw(instance, record.Value, $"TLV record {record.Kind} {record.Id} inside an object instance");
                break;
        }
    }

    static void AddResourceInstances(ItemSink sink, Lwm2mPath resource, ReadOnlySpan<byte> content)
    {
        if (!TlvReader.TryOpen(content, out var reader, out var reason))
        {
            sink.AddRaw(resource, content, reason);
            return;
        }
        while (reader.Read() && !sink.IsFull)
        {
            if (reader.Kind == TlvKind.ResourceInstance)
                sink.AddTlv(resource.Append(reader.Id), reader.Value);
            else
                sink.AddRaw(resource, reader.Value, $"TLV record {reader.Kind} {reader.Id} inside a multiple resource");
        }
    }
}
