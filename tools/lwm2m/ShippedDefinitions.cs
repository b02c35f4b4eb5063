using System.Reflection;
using Protocol.Lwm2m.Definitions;

namespace Tools;

/// <summary>The object definitions that the tool carries with it: those of the folder lwm2m_xml at the time it was built.</summary>
static class ShippedDefinitions
{
    const string Folder = "lwm2m_xml/";

    static readonly Lazy<DefinitionCatalog> Loaded = new(Load);

    public static DefinitionCatalog Catalog => Loaded.Value;

    static DefinitionCatalog Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var definitions = new List<ObjectDefinition>();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            if (!DefinitionReader.TryRead(stream, name, out var definition, out var error))
                throw new InvalidDataException(error.ToString());
            definitions.Add(definition);
        }
        return new DefinitionCatalog(definitions);
    }
}
