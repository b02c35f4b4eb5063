using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Xml;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Definitions;

/// <summary>
/// Reads one object definition in OMA's XML format: LWM2M/Object with ObjectID, Name, ObjectVersion and Resources/Item. Elements that it
/// does not use are passed over. Document types are refused, so are files above <see cref="MaxLength"/> characters.
/// </summary>
public static class DefinitionReader
{
    public const int MaxLength = 4 * 1024 * 1024;

    static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxLength,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    public static bool TryRead(
        Stream xml, string file, [NotNullWhen(true)] out ObjectDefinition? definition, [NotNullWhen(false)] out DefinitionError? error)
    {
        definition = null;
        error = null;
        try
        {
            using var reader = XmlReader.Create(xml, Settings);
            definition = ReadDocument(reader);
            return true;
        }
        catch (DefinitionException exception)
        {
            error = new DefinitionError(file, exception.Line, exception.Message);
        }
        catch (XmlException exception)
        {
            error = new DefinitionError(file, exception.LineNumber, exception.Message);
        }
        // XmlReader stumbles over a broken character before the encoding of the XML declaration.
        catch (ArgumentException)
        {
            error = new DefinitionError(file, 1, "the XML declaration cannot be read");
        }
        return false;
    }

    static ObjectDefinition ReadDocument(XmlReader reader)
    {
        reader.MoveToContent();
        if (reader.Name != "LWM2M")
            throw Fault(reader, $"the root element is {reader.Name}, not LWM2M");
        ObjectDefinition? definition = null;
        foreach (var name in Children(reader))
        {
            if (name != "Object")
                reader.Skip();
            else if (definition is not null)
                throw Fault(reader, "a second Object; one file defines one object");
            else
                definition = ReadObject(reader);
        }
        return definition ?? throw Fault(reader, "no Object");
    }

    static ObjectDefinition ReadObject(XmlReader reader)
    {
        ushort? id = null;
        string name = "", urn = "";
        ObjectVersion version = ObjectVersion.Initial, lwm2mVersion = ObjectVersion.Initial;
        bool multiple = false, mandatory = false;
        Dictionary<ushort, ResourceDefinition>? resources = null;
        var start = Line(reader);
        foreach (var element in Children(reader))
        {
            switch (element)
            {
                case "ObjectID":
                    id = ReadId(reader);
                    break;
                case "Name":
                    name = ReadText(reader);
                    break;
                case "ObjectURN":
                    urn = ReadText(reader);
                    break;
                case "ObjectVersion":
                    version = ReadVersion(reader);
                    break;
                case "LWM2MVersion":
                    lwm2mVersion = ReadVersion(reader);
                    break;
                case "MultipleInstances":
                    multiple = ReadChoice(reader, "Multiple", "Single");
                    break;
                case "Mandatory":
                    mandatory = ReadChoice(reader, "Mandatory", "Optional");
                    break;
                case "Resources":
                    resources = ReadResources(reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return new ObjectDefinition
        {
            Id = id ?? throw new DefinitionException(start, "the object has no ObjectID"),
            Name = name.Length > 0 ? name : throw new DefinitionException(start, "the object has no Name"),
            Version = version,
            Lwm2mVersion = lwm2mVersion,
            Urn = urn,
            Multiple = multiple,
            Mandatory = mandatory,
            Resources = (resources ?? throw new DefinitionException(start, "the object has no Resources")).ToFrozenDictionary(),
        };
    }

    static Dictionary<ushort, ResourceDefinition> ReadResources(XmlReader reader)
    {
        var resources = new Dictionary<ushort, ResourceDefinition>();
        foreach (var element in Children(reader))
        {
            if (element != "Item")
            {
                reader.Skip();
                continue;
            }
            var line = Line(reader);
            var resource = ReadResource(reader);
            if (!resources.TryAdd(resource.Id, resource))
                throw new DefinitionException(line, $"a second resource {resource.Id}");
        }
        return resources;
    }

    static ResourceDefinition ReadResource(XmlReader reader)
    {
        var attribute = reader.GetAttribute("ID");
        if (!ushort.TryParse(attribute, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            throw Fault(reader, $"the ID \"{attribute}\" of a resource is not a number from 0 to 65535");
        var resource = new ResourceDefinition
        {
            Id = id,
            Name = "",
            Type = ResourceType.None,
            Operations = ResourceOperations.None,
            Multiple = false,
            Mandatory = false,
        };
        foreach (var element in Children(reader))
        {
            switch (element)
            {
                case "Name":
                    resource = resource with { Name = ReadText(reader) };
                    break;
                case "Operations":
                    resource = resource with { Operations = ReadOperations(reader) };
                    break;
                case "MultipleInstances":
                    resource = resource with { Multiple = ReadChoice(reader, "Multiple", "Single") };
                    break;
                case "Mandatory":
                    resource = resource with { Mandatory = ReadChoice(reader, "Mandatory", "Optional") };
                    break;
                case "Type":
                    resource = resource with { Type = ReadType(reader) };
                    break;
                case "RangeEnumeration":
                    resource = resource with { Range = ReadText(reader) };
                    break;
                case "Units":
                    resource = resource with { Units = ReadText(reader) };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return resource;
    }

    /// <summary>Names of the child elements, the reader standing on each. The caller reads or skips it before it goes on.</summary>
    static IEnumerable<string> Children(XmlReader reader)
    {
        var depth = reader.Depth;
        if (reader.IsEmptyElement)
        {
            reader.Read();
            yield break;
        }
        reader.Read();
        while (reader.Depth > depth)
        {
            if (reader.NodeType == XmlNodeType.Element)
                yield return reader.Name;
            else
                reader.Read();
        }
        reader.Read();
    }

    static string ReadText(XmlReader reader) => reader.ReadElementContentAsString().Trim();

    static ushort ReadId(XmlReader reader)
    {
        var line = Line(reader);
        var text = ReadText(reader);
        return ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new DefinitionException(line, $"the ObjectID \"{text}\" is not a number from 0 to 65535");
    }

    static ObjectVersion ReadVersion(XmlReader reader)
    {
        var line = Line(reader);
        var text = ReadText(reader);
        if (text.Length == 0)
            return ObjectVersion.Initial;
        return ObjectVersion.TryParse(text, out var version)
            ? version
            : throw new DefinitionException(line, $"the version \"{text}\" is not of the form 1.0");
    }

    static bool ReadChoice(XmlReader reader, string yes, string no)
    {
        var line = Line(reader);
        var text = ReadText(reader);
        if (text.Equals(yes, StringComparison.OrdinalIgnoreCase))
            return true;
        return text.Length == 0 || text.Equals(no, StringComparison.OrdinalIgnoreCase)
            ? false
            : throw new DefinitionException(line, $"\"{text}\" is neither {yes} nor {no}");
    }

    static ResourceType ReadType(XmlReader reader)
    {
        var line = Line(reader);
        var text = ReadText(reader);
        return ResourceTypeName.TryParse(text, out var type)
            ? type
            : throw new DefinitionException(line, $"the type \"{text}\" is not known");
    }

    static ResourceOperations ReadOperations(XmlReader reader)
    {
        var line = Line(reader);
        var text = ReadText(reader);
        var operations = ResourceOperations.None;
        foreach (var letter in text)
        {
            operations |= letter switch
            {
                'R' => ResourceOperations.Read,
                'W' => ResourceOperations.Write,
                'E' => ResourceOperations.Execute,
                _ => throw new DefinitionException(line, $"the operations \"{text}\" are not made of R, W and E"),
            };
        }
        return operations;
    }

    static int Line(XmlReader reader) => ((IXmlLineInfo)reader).LineNumber;

    static DefinitionException Fault(XmlReader reader, string reason) => new(Line(reader), reason);

    sealed class DefinitionException(int line, string reason) : Exception(reason)
    {
        internal int Line => line;
    }
}
