using Pipeline.IntegrationTests.Chaos.Fleet;

namespace Pipeline.IntegrationTests.Chaos.Ledgers;

/// <summary>
/// What the devices sent, what the gateway acknowledged, and what came out on Kafka and MQTT. Safe from several threads; times are
/// milliseconds of one clock.
/// </summary>
sealed class UplinkLedger(int devices, Findings findings)
{
    /// <summary>Beyond them they are only counted, and count as unexplained.</summary>
    const int MostRepetitions = 1_000_000;

    readonly UplinkAccount[] _accounts = [.. Enumerable.Range(0, devices).Select(_ => new UplinkAccount())];
    readonly List<Repetition> _repetitions = [];
    readonly long[] _arrived = new long[2];
    long _sent;
    long _acknowledged;

    public long Sent => Interlocked.Read(ref _sent);

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Messages, each counted once.</summary>
    public long Arrived(Outlet outlet) => Interlocked.Read(ref _arrived[(int)outlet]);

    public long Repeated(Outlet outlet)
    {
        lock (_repetitions)
            return _repetitions.Count(r => r.Outlet == outlet);
    }

    /// <summary>Those of them whose device had turned to another replica with the same message, which told it too.</summary>
    public long ToldByTwo(Outlet outlet)
    {
        lock (_repetitions)
            return _repetitions.Count(r => r.Outlet == outlet && WentElsewhere(r));
    }

    /// <summary>A new message of the device; gives its number.</summary>
    public int Send(int device, Exchange exchange = Exchange.Notification)
    {
        Interlocked.Increment(ref _sent);
        lock (_accounts[device])
            return _accounts[device].Next(exchange);
    }

    public void WentElsewhere(int device, int number)
    {
        lock (_accounts[device])
            _accounts[device].WentElsewhere(number);
    }

    public void Acknowledge(int device, int number)
    {
        lock (_accounts[device])
        {
            if (_accounts[device].Acknowledge(number))
                Interlocked.Increment(ref _acknowledged);
        }
    }

    /// <summary>Answered by 5.03.</summary>
    public void Refuse(int device, int number)
    {
        lock (_accounts[device])
            _accounts[device].Refuse(number);
    }

    public void Arrive(Outlet outlet, int device, int number, ulong id, bool isLate, long at)
    {
        Arrival arrival;
        lock (_accounts[device])
            arrival = _accounts[device].Arrive(outlet, number, id, isLate);
        switch (arrival)
        {
            case Arrival.NeverSent:
                findings.Add(FindingKind.NeverSent, Name(outlet, device, number));
                return;
            case Arrival.SecondId:
                findings.Add(FindingKind.TwoIds, Name(outlet, device, number));
                return;
            case Arrival.Repeated:
                lock (_repetitions)
                {
                    if (_repetitions.Count < MostRepetitions)
                        _repetitions.Add(new Repetition(outlet, device, number, at));
                    else
                        findings.Add(FindingKind.UnexplainedDuplicate, "too many to remember");
                }
                return;
            case Arrival.Reordered:
                findings.Add(FindingKind.Reordered, Name(outlet, device, number));
                break;
        }
        Interlocked.Increment(ref _arrived[(int)outlet]);
    }

    /// <summary>Acknowledged and not (yet) come out.</summary>
    public long Missing(Outlet outlet) => Each(account => account.AcknowledgedWithout(outlet).LongCount()).Sum();

    /// <summary>Judges what can be judged only at the end.</summary>
    public void Close(IReadOnlyList<FaultWindow> faults)
    {
        foreach (var outlet in Enum.GetValues<Outlet>())
        {
            for (var device = 0; device < _accounts.Length; device++)
            {
                lock (_accounts[device])
                {
                    foreach (var number in _accounts[device].AcknowledgedWithout(outlet))
                        findings.Add(FindingKind.Lost, Name(outlet, device, number));
                }
            }
        }

        for (var device = 0; device < _accounts.Length; device++)
        {
            foreach (var number in _accounts[device].RefusedAndThere())
                findings.Add(FindingKind.ToldDespiteRefusal, $"device {device}, number {number}");
        }

        foreach (var repetition in _repetitions)
        {
            if (!WentElsewhere(repetition) && !faults.Any(fault => fault.Explains(repetition.At)))
                findings.Add(FindingKind.UnexplainedDuplicate, $"{Name(repetition.Outlet, repetition.Device, repetition.Number)}, at {repetition.At} ms");
        }
    }

    bool WentElsewhere(Repetition repetition)
    {
        lock (_accounts[repetition.Device])
            return _accounts[repetition.Device].HasGoneElsewhere(repetition.Number);
    }

    string Name(Outlet outlet, int device, int number)
    {
        lock (_accounts[device])
            return $"{outlet}: device {device}, number {number}{_accounts[device].Describe(number)}";
    }

    IEnumerable<T> Each<T>(Func<UplinkAccount, T> figure)
    {
        foreach (var account in _accounts)
        {
            lock (account)
                yield return figure(account);
        }
    }
}
