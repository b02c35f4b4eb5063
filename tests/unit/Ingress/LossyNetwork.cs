using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Between a gateway and a device: carries what each sends, and loses some of it in each direction.</summary>
sealed class LossyNetwork(GatewayUnderTest gateway, BlockwiseDevice device, double loss = 0, int seed = 1)
{
    const int StepsUntilRepetition = 10;

    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    readonly Random _random = new(seed);

    /// <summary>Requests of the gateway that were answered by nothing yet: never more than one may be open (NSTART = 1).</summary>
    public int MostOpen { get; private set; }

    /// <summary>Carries what is there, until nobody says anything more without the time going on.</summary>
    public void Settle()
    {
        gateway.Log.Settle();
        while (gateway.Sent.TryDequeue(out var sent))
        {
            if (IsLost())
                continue;
            Deliver(device.Receive(sent.Datagram));
            MostOpen = Math.Max(MostOpen, gateway.Sent.Count(s => CoapFrame.TryParse(s.Datagram, out var frame) == CoapParseError.None && frame.Code.IsRequest));
            gateway.Log.Settle();
        }
    }

    /// <summary>Lets time go on until that holds.</summary>
    public void Until(Func<bool> holds, TimeSpan within)
    {
        Settle();
        var steps = 0;
        for (var gone = TimeSpan.Zero; !holds(); gone += Step)
        {
            Assert.True(gone < within, $"not within {within}: {string.Join("; ", device.Heard.TakeLast(5))}");
            gateway.Advance(Step);
            if (++steps % StepsUntilRepetition == 0)
                Deliver([.. device.Unacknowledged.Values]);
            Settle();
        }
    }

    void Deliver(byte[][] messages)
    {
        foreach (var message in messages)
        {
            if (!IsLost())
                gateway.Receive(message);
        }
    }

    bool IsLost() => loss > 0 && _random.NextDouble() < loss;
}
