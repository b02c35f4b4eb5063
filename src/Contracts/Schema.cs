namespace Contracts;

/// <summary>The version of the Protobuf records that this code writes. A reader takes this one and the one before.</summary>
public static class Schema
{
    public const uint Current = 1;
}
