using System.Runtime.CompilerServices;

namespace Pipeline.Tests.Delivery;

/// <summary>A line of the trace, made only where somebody wants to see it.</summary>
[InterpolatedStringHandler]
ref struct TraceLine
{
    DefaultInterpolatedStringHandler _text;

    public TraceLine(int literals, int holes, World world, out bool isWanted)
    {
        isWanted = world.IsTraced;
        _text = isWanted ? new DefaultInterpolatedStringHandler(literals, holes) : default;
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public string Take() => _text.ToStringAndClear();
}
