using Protocol.Lwm2m.Cbor;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Senml;

/// <summary>SenML in CBOR (RFC 8428 section 6) with definite lengths.</summary>
static class SenmlCborEncoder
{
    internal static byte[] Encode(Lwm2mPath basePath, List<TimedValue> values)
    {
        var names = new SenmlNames(basePath, values);
        var writer = new CborWriter();
        writer.Head(CborMajor.Array, (ulong)values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            var (path, value, timestamp) = values[i];
            var hasBase = i == 0 && names.Base.Length > 0;
            var name = names.Of(path);
            writer.Head(CborMajor.Map, 1ul + (hasBase ? 1u : 0) + (name.Length > 0 ? 1u : 0) + (timestamp is null ? 0u : 1));
            if (hasBase)
            {
                writer.Integer((int)SenmlLabel.BaseName);
                writer.Text(names.Base);
            }
            if (name.Length > 0)
            {
                writer.Integer((int)SenmlLabel.Name);
                writer.Text(name);
            }
            if (timestamp is { } time)
            {
                writer.Integer((int)SenmlLabel.Time);
                WriteSeconds(writer, time);
            }
            WriteLabel(writer, value.Type);
            writer.UntaggedValue(value);
        }
        return writer.Written.ToArray();
    }

    /// <summary>Records with names alone.</summary>
    internal static byte[] Encode(IReadOnlyList<Lwm2mPath> paths)
    {
        var writer = new CborWriter();
        writer.Head(CborMajor.Array, (ulong)paths.Count);
        foreach (var path in paths)
        {
            writer.Head(CborMajor.Map, 1);
            writer.Integer((int)SenmlLabel.Name);
            writer.Text(path.ToString());
        }
        return writer.Written.ToArray();
    }

    static void WriteSeconds(CborWriter writer, long milliseconds)
    {
        if (milliseconds % 1000 == 0)
            writer.Integer(milliseconds / 1000);
        else
            writer.Real(milliseconds / 1000.0);
    }

    static void WriteLabel(CborWriter writer, ResourceType type)
    {
        switch (type)
        {
            case ResourceType.String or ResourceType.CoreLink:
                writer.Integer((int)SenmlLabel.StringValue);
                break;
            case ResourceType.Boolean:
                writer.Integer((int)SenmlLabel.BooleanValue);
                break;
            case ResourceType.Opaque:
                writer.Integer((int)SenmlLabel.DataValue);
                break;
            case ResourceType.ObjectLink:
                writer.Text("vlo");
                break;
            default:
                writer.Integer((int)SenmlLabel.Value);
                break;
        }
    }
}
