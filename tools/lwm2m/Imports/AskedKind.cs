namespace Tools.Imports;

/// <summary>Requests of devices.</summary>
enum AskedKind
{
    Register,
    Update,
    Deregister,
    Send,

    /// <summary>A block that more follow: nothing in itself.</summary>
    Block,
}
