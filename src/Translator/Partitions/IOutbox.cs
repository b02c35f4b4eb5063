namespace Translator.Partitions;

/// <summary>Carries out work. What the two ways promise: all of it is written, in order, before the source counts as done.</summary>
internal interface IOutbox
{
    /// <summary>Takes work over; never blocks. Work of one partition is carried out in the order of the calls.</summary>
    void Carry(Work work);

    /// <summary>The partition belongs to another now: nothing more of it is begun.</summary>
    void Close();
}
