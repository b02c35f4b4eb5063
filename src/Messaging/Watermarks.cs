namespace Messaging;

/// <summary>Where a partition begins and ends: the oldest offset kept, and the one behind the newest record.</summary>
internal readonly record struct Watermarks(long Low, long High);
