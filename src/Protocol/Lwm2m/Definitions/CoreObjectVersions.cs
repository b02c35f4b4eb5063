namespace Protocol.Lwm2m.Definitions;

/// <summary>
/// Versions that the objects of the LwM2M enabler have when a device does not name them: those that its version of LwM2M was published with
/// (LwM2M Core 1.2 section 7.2.2 and appendix E). All other objects mean 1.0.
/// </summary>
public static class CoreObjectVersions
{
    /// <summary>Null for an object that is not of the enabler, and in LwM2M 1.0, whose objects all are 1.0.</summary>
    public static ObjectVersion? Of(Lwm2mVersion lwm2m, ushort objectId)
    {
        var minor = lwm2m switch
        {
            Lwm2mVersion.V11 => objectId switch { 0 or 1 or 3 => 1, 4 => 2, 2 or 5 or 6 or 7 or 21 => 0, _ => -1 },
            Lwm2mVersion.V12 => objectId switch { 0 or 1 or 3 => 2, 2 or 5 => 1, 4 => 3, 6 or 7 => 0, 21 => 20, _ => -1 },
            _ => -1,
        };
        return minor switch { < 0 => null, 20 => new ObjectVersion(2, 0), _ => new ObjectVersion(1, (ushort)minor) };
    }
}
