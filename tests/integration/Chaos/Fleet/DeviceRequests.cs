using System.Buffers.Text;
using Pipeline.IntegrationTests.Chaos.Ledgers;
using Protocol.Coap;

namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>
/// What devices do with the requests of the gateway. They take their time for an answer, so that a process that dies has some under way. Belongs to
/// the thread of the fleet.
/// </summary>
sealed class DeviceRequests(FleetSettings settings, Random random, CommandLedger commands, FleetCounters counters, Action<int, int, byte[]> reply)
{
    readonly PriorityQueue<(ChaosDevice Device, AnsweredRequest Request), long> _later = new();
    readonly int[] _owed = new int[64];

    /// <summary>Answers that devices still owe to that replica. For any thread.</summary>
    public int Owed(int replica) => Volatile.Read(ref _owed[replica]);

    /// <summary>True where the device is observed from now on.</summary>
    public bool Take(ChaosDevice device, int replica, in CoapFrame frame, long now)
    {
        if (device.Find(replica, frame.MessageId, now - TransmissionParameters.Standard.ExchangeLifetime) is { } known)
        {
            counters.RepeatedRequests++;
            if (known.IsAnswered)
                reply(device.Index, replica, known.Reply);
            return false;
        }

        counters.Requests++;
        if (frame.Code == CoapCode.Post && Utf8Parser.TryParse(frame.Payload, out int command, out _))
            commands.CarryOut(command, device.Index);
        var request = new AnsweredRequest(replica, frame.MessageId, ChaosMessages.Answer(frame, (uint)device.Number), now);
        device.Remember(request);
        if (frame.Observe == 0)
        {
            device.ObserveToken = new CoapToken(frame.Token);
            request.IsAnswered = true;
            reply(device.Index, replica, request.Reply);
            return true;
        }

        _owed[replica]++;
        _later.Enqueue((device, request), now + random.Next(settings.AnswerDelay + 1));
        return false;
    }

    /// <summary>Sends the answers that are due.</summary>
    public void Answer(long now)
    {
        while (_later.TryPeek(out var next, out var due) && due <= now)
        {
            _later.Dequeue();
            _owed[next.Request.Replica]--;
            next.Request.IsAnswered = true;
            reply(next.Device.Index, next.Request.Replica, next.Request.Reply);
        }
    }
}
