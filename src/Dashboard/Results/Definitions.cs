using Contracts;
using Hosting;
using Protocol.Lwm2m.Definitions;

namespace Dashboard.Results;

/// <summary>Names and types of objects, read when they are first asked for, and again when the folder has changed.</summary>
sealed class Definitions(LiveConfiguration live, TimeProvider time)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    readonly Lock _gate = new();
    DefinitionFolder? _folder;
    long _looked;

    /// <summary>With the versions that the client has registered.</summary>
    public DefinitionView Of(RegistrationRecord client) => Catalog().For(client.ObjectVersions, client.Lwm2mVersion);

    DefinitionCatalog Catalog()
    {
        lock (_gate)
        {
            var path = live.Current.Lwm2m.XmlDir;
            var isOther = _folder?.Path != path;
            if (isOther)
                _folder = new DefinitionFolder(path);
            if (isOther || time.GetElapsedTime(_looked) > Interval)
            {
                _folder!.Reload();
                _looked = time.GetTimestamp();
            }

            return _folder!.Catalog;
        }
    }
}
