using Hosting;
using Protocol.Lwm2m.Definitions;

namespace Tools;

/// <summary>The object definitions that a command goes by.</summary>
static class Definitions
{
    /// <summary>Those of the folder; without one those that the tool carries.</summary>
    /// <param name="folder">A folder of XML files, or null.</param>
    /// <param name="warn">Takes what could not be read.</param>
    /// <exception cref="ConfigurationException">There is no definition in the folder.</exception>
    public static DefinitionCatalog Load(string? folder, Action<string> warn)
    {
        if (folder is null)
            return ShippedDefinitions.Catalog;
        var files = new DefinitionFolder(folder);
        files.Reload();
        foreach (var error in files.Errors)
            warn(error.ToString());
        return files.Catalog.Count > 0 ? files.Catalog : throw new ConfigurationException([$"no object definition in {folder}"]);
    }
}
