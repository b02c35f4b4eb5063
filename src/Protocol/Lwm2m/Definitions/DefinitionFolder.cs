using System.Security.Cryptography;
using System.Text;

namespace Protocol.Lwm2m.Definitions;

/// <summary>
/// The definition files (*.xml) of one folder. The host calls <see cref="Reload"/> at start and then now and again, from one thread;
/// readers take <see cref="Catalog"/> from any. A file that breaks keeps its last good definition until it is mended or deleted, and a
/// folder that goes away keeps all.
/// </summary>
public sealed class DefinitionFolder(string path)
{
    readonly Dictionary<string, ObjectDefinition> lastGood = new(StringComparer.Ordinal);
    volatile DefinitionCatalog catalog = DefinitionCatalog.Empty;
    volatile IReadOnlyList<DefinitionError> errors = [];
    string? fingerprint;

    public string Path => path;

    public DefinitionCatalog Catalog => catalog;

    /// <summary>What was wrong at the last reload, ordered by file.</summary>
    public IReadOnlyList<DefinitionError> Errors => errors;

    /// <summary>Reads the folder again if names, sizes, times or link targets of its files differ from last time; true if it did.</summary>
    public bool Reload()
    {
        var faults = new List<DefinitionError>();
        var files = List(faults);
        var current = files is null ? "" : Fingerprint(files);
        if (current == fingerprint)
            return false;
        fingerprint = current;
        if (files is not null)
            Read(files, faults);
        catalog = new DefinitionCatalog(lastGood.OrderBy(known => known.Key, StringComparer.Ordinal).Select(known => known.Value));
        errors = faults;
        return true;
    }

    void Read(FileInfo[] files, List<DefinitionError> faults)
    {
        foreach (var gone in lastGood.Keys.Except(files.Select(file => file.Name)).ToList())
            lastGood.Remove(gone);
        foreach (var file in files)
        {
            try
            {
                using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                if (DefinitionReader.TryRead(stream, file.Name, out var definition, out var error))
                    lastGood[file.Name] = definition;
                else
                    faults.Add(error);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                faults.Add(new DefinitionError(file.Name, 0, exception.Message));
            }
        }
    }

    FileInfo[]? List(List<DefinitionError> faults)
    {
        try
        {
            var files = new DirectoryInfo(path).GetFiles("*.xml");
            if (files.Length == 0)
                faults.Add(new DefinitionError(path, 0, "no *.xml files in this folder"));
            Array.Sort(files, (left, right) => string.CompareOrdinal(left.Name, right.Name));
            return files;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            faults.Add(new DefinitionError(path, 0, exception.Message));
            return null;
        }
    }

    // Link targets matter: a mounted Kubernetes ConfigMap changes by turning one link.
    static string Fingerprint(FileInfo[] files)
    {
        var text = new StringBuilder();
        foreach (var file in files)
        {
            try
            {
                var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
                text.Append(file.Name).Append('|').Append(target.FullName).Append('|')
                    .Append(target.Length).Append('|').Append(target.LastWriteTimeUtc.Ticks).Append('\n');
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                text.Append(file.Name).Append("|unreadable\n");
            }
        }
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
