using Contracts;
using Protocol.Lwm2m;

namespace Ingress.Operations;

/// <summary>What operations on the LwM2M Server object do to the session (LwM2M Core 1.2 appendix E.2).</summary>
static class ServerObject
{
    const ushort Id = 1;
    const ushort Disable = 4;

    /// <summary>The device is to leave this server alone, and to be left alone, for the time in resource 5.</summary>
    public static bool IsDisable(DownlinkOperation operation) =>
        operation.Kind == OperationKind.Execute && Lwm2mPath.TryParse(operation.Path, out var path) && path is { Depth: 3, ObjectId: Id, ResourceId: Disable };
}
