using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>What chance does to the datagrams of one device on their way.</summary>
sealed class NetworkPath(NetworkOptions network, Random chance)
{
    /// <summary>How often the datagram arrives: 0, 1 or 2 times.</summary>
    public int Copies(bool isUp)
    {
        var link = Of(isUp);
        if (chance.NextDouble() < link.Loss)
            return 0;
        return chance.NextDouble() < link.Duplicate ? 2 : 1;
    }

    /// <summary>How long one of them takes, in milliseconds.</summary>
    public long Delay(bool isUp)
    {
        var link = Of(isUp);
        return (long)(link.Delay.TotalMilliseconds + chance.NextDouble() * link.Jitter.TotalMilliseconds);
    }

    LinkOptions Of(bool isUp) => isUp ? network.Up : network.Down;
}
