namespace Tools.Load;

/// <summary>What a load device waits for an answer to.</summary>
enum LoadExchange : byte
{
    None,
    Register,
    Update,
    Notification,
    Deregister,
}
