namespace Hosting;

/// <summary>A switch of one service beside those that all have: <c>--demo</c>, or with a value <c>--devices=3</c>.</summary>
public sealed record HostSwitch(string Name, string Doc);
