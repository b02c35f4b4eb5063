using System.Text;
using Protocol.Coap;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>The objects of one device: which instances there are and what their resources hold. One thread.</summary>
sealed class DeviceObjects(DefinitionCatalog definitions, Lwm2mVersion version = Lwm2mVersion.V10, ushort preferred = ContentFormats.Tlv)
{
    /// <summary>More instances of one object cannot be created.</summary>
    const int MaxInstances = 16;

    readonly SortedSet<Lwm2mPath> _instances = [];
    readonly SortedList<Lwm2mPath, Lwm2mValue> _values = [];
    readonly DefinitionView _view = definitions.For(null, version);

    /// <summary>Values that changed since somebody cleared the list.</summary>
    public List<Lwm2mPath> Changed { get; } = [];

    public IReadOnlyCollection<Lwm2mPath> Instances => _instances;

    /// <summary>What puts values wrong; null for a sound device.</summary>
    public DeviceFaults? Faults { get; set; }

    public bool HasComposite => new NegotiatedVersion(version).HasComposite;

    public ResourceDefinition? Definition(Lwm2mPath path) => _view.FindResource(path.ObjectId, path.ResourceId);

    public void AddInstance(ushort objectId, ushort instanceId) => _instances.Add(new Lwm2mPath(objectId, instanceId));

    public Lwm2mValue this[Lwm2mPath path] => _values.TryGetValue(path, out var value) ? value : Lwm2mValue.None;

    /// <summary>Sets a value of a resource, or of a resource instance; a change is noted.</summary>
    public void Set(Lwm2mPath path, Lwm2mValue value)
    {
        if (Faults is not null)
            value = Faults.Distort(path, value);
        if (_values.TryGetValue(path, out var old) && old == value)
            return;
        _values[path] = value;
        Changed.Add(path);
    }

    /// <summary>The object, instance or resource is there; a resource that has no value yet is not, an executable one always is.</summary>
    public bool Exists(Lwm2mPath path) => path.Depth switch
    {
        1 => _instances.Any(path.IsPrefixOf),
        2 => _instances.Contains(path),
        >= 3 => _instances.Contains(path.Take(2)) && (HasValue(path) || path.Depth == 3 && IsExecutable(path)),
        _ => false,
    };

    public bool IsExecutable(Lwm2mPath path) => Definition(path) is { } resource && resource.Operations.HasFlag(ResourceOperations.Execute);

    /// <summary>Instances and resources below a path, the executable ones among them, in order.</summary>
    public IEnumerable<Lwm2mPath> ResourcesOf(Lwm2mPath instance) => _values.Keys
        .Where(instance.IsPrefixOf)
        .Select(path => path.Take(3))
        .Concat(ExecutablesOf(instance))
        .Distinct()
        .Order();

    /// <summary>4.05 for what cannot be read, 4.06 for a format that does not suit.</summary>
    public CoapCode Read(Lwm2mPath path, ushort format, out byte[] payload)
    {
        payload = [];
        if (!Exists(path))
            return CoapCode.NotFound;
        if (!DeviceFormats.Of(version).Contains(format))
            return CoapCode.NotAcceptable;
        var values = new List<ResourceValue>();
        foreach (var (place, value) in _values)
        {
            if (path.IsPrefixOf(place) && Definition(place) is { } resource && resource.Operations.HasFlag(ResourceOperations.Read))
                values.Add(new ResourceValue(Relative(place, path.Depth), value));
        }
        if (values.Count == 0 && path.Depth > 2)
            return CoapCode.MethodNotAllowed;
        return ContentEncoder.TryEncode(format, path, values, _view, out payload, out _) ? CoapCode.Content : CoapCode.NotAcceptable;
    }

    /// <summary>What can be read at or below any of the paths; one that is not there is left out (LwM2M Core 1.1 section 6.3.8).</summary>
    public List<TimedValue> Readings(IReadOnlyList<Lwm2mPath> paths)
    {
        var readings = new List<TimedValue>();
        foreach (var path in paths)
        {
            foreach (var (place, value) in _values)
            {
                if (path.IsPrefixOf(place) && Definition(place) is { } resource && resource.Operations.HasFlag(ResourceOperations.Read))
                    readings.Add(new TimedValue(place, value));
            }
        }
        return readings;
    }

    /// <summary>4.06 for a format that cannot hold values of several objects.</summary>
    public CoapCode ReadComposite(IReadOnlyList<Lwm2mPath> paths, ushort format, out byte[] payload)
    {
        payload = [];
        return DeviceFormats.Of(version).Contains(format) && ContentEncoder.TryEncodeReadings(format, default, Readings(paths), out payload, out _)
            ? CoapCode.Content
            : CoapCode.NotAcceptable;
    }

    /// <summary>All or nothing (LwM2M Core 1.1 section 6.3.9); a null of a patch takes its value away.</summary>
    public CoapCode WriteComposite(ushort format, ReadOnlySpan<byte> payload)
    {
        if (!DeviceFormats.IsComposite(format) || !DeviceFormats.Of(version).Contains(format))
            return CoapCode.UnsupportedContentFormat;
        var content = ContentDecoder.Decode(format, payload, new DecodeContext { RequestPath = default, Definitions = _view });
        if (content.Error is not null || content.Items.Count == 0)
            return CoapCode.BadRequest;
        foreach (var item in content.Items)
        {
            if (item.Note is not null)
                return CoapCode.BadRequest;
            if (!_instances.Contains(item.Path.Take(2)) || Definition(item.Path) is not { } resource)
                return CoapCode.NotFound;
            if (!IsWritable(item.Path))
                return CoapCode.MethodNotAllowed;
            if (item.Value.Type != ResourceType.None && item.Value.Type != resource.Type)
                return CoapCode.BadRequest;
        }
        foreach (var item in content.Items)
        {
            if (item.Value.Type != ResourceType.None)
                Set(item.Path, item.Value);
            else if (_values.Remove(item.Path))
                Changed.Add(item.Path);
        }
        return CoapCode.Changed;
    }

    /// <summary>All values are checked before any is taken. Replacing an instance drops its optional writable resources that do not come.</summary>
    public CoapCode Write(Lwm2mPath path, ushort format, ReadOnlySpan<byte> payload, bool replace)
    {
        if (!_instances.Contains(path.Take(2)) || path.Depth > 2 && Definition(path) is null)
            return CoapCode.NotFound;
        if (path.Depth > 2 && !IsWritable(path))
            return CoapCode.MethodNotAllowed;
        var code = TryDecode(path, format, payload, IsWritable, out var items);
        if (code != CoapCode.Changed)
            return code;

        if (replace)
        {
            foreach (var place in _values.Keys.Where(place => path.IsPrefixOf(place) && IsReplaced(place, path)).ToList())
                _values.Remove(place);
        }
        foreach (var item in items)
            Set(item.Path, item.Value);
        return CoapCode.Changed;
    }

    /// <summary>Creates the instance that the payload names, or one with the lowest free number.</summary>
    public CoapCode Create(ushort objectId, ushort format, ReadOnlySpan<byte> payload, out Lwm2mPath instance, out bool chosen)
    {
        instance = default;
        chosen = false;
        if (_view.FindObject(objectId) is not { } definition || !Exists(new Lwm2mPath(objectId)))
            return CoapCode.NotFound;
        if (!definition.Multiple)
            return CoapCode.MethodNotAllowed;
        if (!payload.IsEmpty && format != ContentFormats.Tlv)
            return CoapCode.UnsupportedContentFormat;
        if (!TlvReader.TryOpen(payload, out var reader, out _))
            return CoapCode.BadRequest;

        var taken = _instances.Where(new Lwm2mPath(objectId).IsPrefixOf).ToList();
        var content = payload;
        if (reader.Read() && reader.Kind == TlvKind.ObjectInstance)
        {
            if (reader.Count > 1)
                return CoapCode.BadRequest;
            instance = new Lwm2mPath(objectId, reader.Id);
            content = reader.Value;
        }
        else
        {
            chosen = true;
            instance = FreeInstance(objectId, taken);
        }
        if (taken.Count >= MaxInstances || taken.Contains(instance))
            return CoapCode.BadRequest;
        var code = TryDecode(instance, format, content, path => Definition(path) is { Operations: not ResourceOperations.Execute }, out var items);
        if (code != CoapCode.Changed)
            return code;

        _instances.Add(instance);
        Changed.Add(instance);
        foreach (var item in items)
            Set(item.Path, item.Value);
        return CoapCode.Created;
    }

    /// <summary>Deletes an instance of an object that can have several.</summary>
    public CoapCode Delete(Lwm2mPath instance)
    {
        if (!_instances.Contains(instance))
            return CoapCode.NotFound;
        if (_view.FindObject(instance.ObjectId) is not { Multiple: true })
            return CoapCode.MethodNotAllowed;
        _instances.Remove(instance);
        foreach (var place in _values.Keys.Where(instance.IsPrefixOf).ToList())
            _values.Remove(place);
        Changed.Add(instance);
        return CoapCode.Deleted;
    }

    /// <summary>The payload of a Register (LwM2M Core 1.1 section 6.2.1).</summary>
    public byte[] ToLinks()
    {
        var text = new StringBuilder("</>;rt=\"oma.lwm2m\"");
        // What it prefers, so that the gateway asks for it; TLV and text need no telling.
        if (HasComposite && DeviceFormats.IsComposite(preferred))
            text.Append(";ct=").Append(preferred);
        foreach (var instance in _instances)
            text.Append(",<").Append(instance).Append('>');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    CoapCode TryDecode(
        Lwm2mPath path, ushort format, ReadOnlySpan<byte> payload, Func<Lwm2mPath, bool> isAllowed, out IReadOnlyList<DecodedItem> items)
    {
        items = [];
        if (!DeviceFormats.Of(version).Contains(format))
            return CoapCode.UnsupportedContentFormat;
        var content = ContentDecoder.Decode(format, payload, new DecodeContext { RequestPath = path, Definitions = _view });
        if (content.Error is not null)
            return CoapCode.BadRequest;
        foreach (var item in content.Items)
        {
            if (!isAllowed(item.Path))
                return Definition(item.Path) is null ? CoapCode.NotFound : CoapCode.MethodNotAllowed;
            if (item.Note is not null || !path.IsPrefixOf(item.Path) || Definition(item.Path)!.Type != item.Value.Type)
                return CoapCode.BadRequest;
        }
        items = content.Items;
        return CoapCode.Changed;
    }

    bool HasValue(Lwm2mPath path)
    {
        foreach (var place in _values.Keys)
        {
            if (path.IsPrefixOf(place))
                return true;
        }
        return false;
    }

    bool IsWritable(Lwm2mPath path) => Definition(path) is { } resource && resource.Operations.HasFlag(ResourceOperations.Write);

    bool IsReplaced(Lwm2mPath place, Lwm2mPath written) => written.Depth > 2 || IsWritable(place) && Definition(place) is { Mandatory: false };

    IEnumerable<Lwm2mPath> ExecutablesOf(Lwm2mPath instance) => (_view.FindObject(instance.ObjectId)?.Resources.Values ?? [])
        .Where(resource => resource.Operations.HasFlag(ResourceOperations.Execute))
        .Select(resource => instance.Append(resource.Id));

    static Lwm2mPath FreeInstance(ushort objectId, List<Lwm2mPath> taken)
    {
        ushort id = 0;
        while (taken.Contains(new Lwm2mPath(objectId, id)))
            id++;
        return new Lwm2mPath(objectId, id);
    }

    static Lwm2mPath Relative(Lwm2mPath path, int levels)
    {
        var relative = default(Lwm2mPath);
        for (var level = levels; level < path.Depth; level++)
            relative = relative.Append(path[level]);
        return relative;
    }
}
