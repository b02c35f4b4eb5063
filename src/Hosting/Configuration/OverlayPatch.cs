namespace Hosting.Configuration;

/// <summary>Settings of one section that were changed at run time.</summary>
/// <param name="Section">The path of the section.</param>
/// <param name="Settings">A section.</param>
internal sealed record OverlayPatch(string[] Section, SettingNode Settings);
