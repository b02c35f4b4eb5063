namespace Ingress;

/// <summary>Something that has something to do later. See <see cref="Timetable"/>.</summary>
interface ITimed
{
    /// <summary>Written by <see cref="Timetable"/> only; 0 = not scheduled.</summary>
    int Place { get; set; }
}
