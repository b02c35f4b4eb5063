namespace Hosting.Configuration;

/// <summary>A part of a value: text, or the name of the key that it refers to.</summary>
internal readonly record struct HoconPiece(string Text)
{
    public bool Reference { get; init; }

    /// <summary>The bare word null, which alone means "not given".</summary>
    public bool Null { get; init; }
}
