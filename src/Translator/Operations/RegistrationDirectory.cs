using Contracts;

namespace Translator.Operations;

/// <summary>The registrations of one partition as of what has been read of their topic. The highest number counts.</summary>
public sealed class RegistrationDirectory
{
    private readonly Dictionary<string, RegistrationRecord> _records = [];

    public int Count => _records.Count;

    /// <summary>Also a registration that has ended, until its tombstone; null where there is none.</summary>
    public RegistrationRecord? Find(string endpoint) => _records.GetValueOrDefault(endpoint);

    /// <summary>True where this changes what counts. Null is a tombstone.</summary>
    public bool Fold(string endpoint, RegistrationRecord? record)
    {
        if (record is null)
        {
            return _records.Remove(endpoint);
        }

        if (_records.TryGetValue(endpoint, out var known) && known.Number > record.Number)
        {
            return false;
        }

        // The object list is long, and nothing here asks for it.
        _records[endpoint] = record with { Objects = [] };
        return true;
    }
}
