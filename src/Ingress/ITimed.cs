namespace Ingress;

/// <summary>Something that has something to do later. See <see cref="Timetable"/>.</summary>
interface ITimed
{
    /// <summary>Written by <see cref="Timetable"/> only; <see cref="long.MaxValue"/> = not scheduled.</summary>
    long ScheduledAt { get; set; }
}
