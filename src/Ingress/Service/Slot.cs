using Contracts.Configuration;

namespace Ingress.Service;

/// <summary>Which slot a replica has: configured, else the number at the end of the pod's name, else 0.</summary>
static class Slot
{
    /// <exception cref="InvalidOperationException">There are fewer slots.</exception>
    public static int Of(IngressOptions options, string? podName, int slots)
    {
        var digits = podName is null ? "" : podName[(podName.LastIndexOf('-') + 1)..];
        var slot = options.Slot ?? (int.TryParse(digits, out var ordinal) ? ordinal : 0);
        return slot < slots
            ? slot
            : throw new InvalidOperationException($"slot {slot} does not exist: the downlink topic has {slots} partitions (kafka.slots)");
    }
}
