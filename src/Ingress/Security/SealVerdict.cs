namespace Ingress.Security;

/// <summary>What came of opening a sealed value.</summary>
enum SealVerdict
{
    Opened,

    /// <summary>Not of that form, too long, or of another version.</summary>
    Malformed,

    /// <summary>None of the keys has the name in it.</summary>
    UnknownKey,

    /// <summary>The key of that name is another one, or the value was changed, or belongs to another record.</summary>
    Forged,
}
