namespace Hosting.Configuration;

/// <summary>Where relative paths of the configuration are looked for.</summary>
/// <param name="Configuration">Folders of the configuration files, the one that wins first.</param>
/// <param name="Working">The working folder.</param>
/// <param name="ShippedDefinitions">The folder of object definitions that comes with the program.</param>
/// <param name="InForce">The folder of object definitions that is in force; null at start.</param>
internal sealed record ConfigurationFolders(
    IReadOnlyList<string> Configuration, string Working, string ShippedDefinitions, string? InForce = null)
{
    /// <summary>The absolute path of what exists, or null.</summary>
    public string? Resolve(string path)
    {
        if (path.Length == 0 || path.Contains('\0'))
            return null;
        foreach (var folder in Configuration.Append(Working))
        {
            var full = Path.GetFullPath(path, folder);
            if (File.Exists(full) || Directory.Exists(full))
                return full;
        }

        return null;
    }
}
