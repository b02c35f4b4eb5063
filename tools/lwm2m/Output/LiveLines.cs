using System.Globalization;

namespace Tools.Output;

/// <summary>Lines at the end of a terminal that are written over each time.</summary>
sealed class LiveLines(TextWriter output)
{
    const string ClearToEnd = "\e[K";

    int _shown;

    public void Show(IReadOnlyList<string> lines)
    {
        if (_shown > 0)
            output.Write(string.Create(CultureInfo.InvariantCulture, $"\e[{_shown}A"));
        foreach (var line in lines)
            output.WriteLine(line + ClearToEnd);
        _shown = lines.Count;
    }
}
