namespace Tools.Load;

/// <summary>One figure of a run, as comparisons take it.</summary>
/// <param name="Name">As in the JSON of the report, with dots.</param>
/// <param name="Value">Its value.</param>
/// <param name="MoreIsBetter">Rates; of everything else less is better.</param>
/// <param name="Noise">How far it moves by itself: twice its standard error over the seconds of the run, as a share of it.</param>
sealed record LoadFigure(string Name, double Value, bool MoreIsBetter, double Noise);
