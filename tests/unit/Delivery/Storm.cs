using Contracts;

namespace Pipeline.Tests.Delivery;

/// <summary>
/// Chooses every step by a seed: who goes on, what is lost, who dies. Each seed has its own weather: how often each fault strikes, how far
/// readers lag, how restless devices are. After the storm comes the calm, in which everything must come to its end.
/// </summary>
sealed class Storm
{
    const int Steps = 500;

    static readonly string[] Paths = ["/3/0/9", "/3/0/13"];

    readonly World _world;
    readonly Random _random;
    readonly int _slots;
    readonly Weather _weather;

    public Storm(int seed, bool traced = false)
    {
        _world = new World(seed, devices: 1 + (seed % 3), traced);
        _random = _world.Random;
        _slots = 2 + (seed % 2);
        _weather = Weather.Of(_random);
        foreach (var device in _world.Devices)
        {
            device.Treats = Treat;
            device.Lifetime = _random.Next(3) == 0 ? 120 : 3600;
        }
    }

    public World World => _world;

    public string? Broken => _world.Promises.Broken;

    /// <summary>The story of that seed, told again.</summary>
    public static string Tell(int seed)
    {
        var storm = new Storm(seed, traced: true);
        storm.Run();
        return storm.World.Story;
    }

    /// <summary>All that was written, to compare two runs.</summary>
    public IEnumerable<string> Logs() => new[] { Cluster.Topics.Commands, Cluster.Topics.Uplink, Cluster.Topics.Events, Cluster.Topics.Operations }
        .SelectMany(_world.Cluster.Records).Select(r => $"{r.Topic} {r.Offset} {r.TimestampMs} {r.Value?.Length}");

    public void Run()
    {
        for (var slot = 0; slot < _slots; slot++)
            _world.StartIngress(slot);
        for (var partition = 0; partition < Cluster.Partitions; partition++)
            _world.Assign(partition, _world.StartTranslator());
        _world.Refusals = _weather.Refusals;
        for (var step = 0; step < Steps && Broken is null; step++)
            Step();
        if (Broken is null)
            Calm.Bring(_world, _slots);
        if (Broken is null)
            Endings.Check(_world);
    }

    void Step()
    {
        var what = _random.NextDouble() * _weather.Total;
        if ((what -= _weather.Devices) < 0)
            Live(_world.Devices[_random.Next(_world.Devices.Count)]);
        else if ((what -= _weather.Datagrams) < 0)
            Carry();
        else if ((what -= _weather.Logs) < 0)
            Land();
        else if ((what -= _weather.Reading) < 0)
            Read();
        else if ((what -= _weather.Translating) < 0)
            Translate();
        else if ((what -= _weather.Commands) < 0)
            Command();
        else if ((what -= _weather.Time) < 0)
            Pass();
        else
            Strike();
    }

    void Live(Device device)
    {
        if (device.Pending is not null)
        {
            if (device.MayRepeat && _random.Next(4) > 0)
                device.Repeat();
            else if (_random.Next(6) == 0)
                device.GiveUp();
            return;
        }

        switch (_random.Next(20))
        {
            case 0:
                device.Reboot();
                break;
            case 1 or 2 when _random.NextDouble() < _weather.Moves:
                device.Move(_random.Next(_slots), _random.Next(3) == 0);
                break;
            case 3 when device.Location is not null:
                device.Deregister();
                break;
            case 4:
                device.Register();
                break;
            case < 12 when device.Observed.Count > 0:
                device.Notify(device.Observed.Keys.ElementAt(_random.Next(device.Observed.Count)));
                break;
            case < 15 when device.Location is not null:
                device.Send();
                break;
            default:
                if (device.Location is null)
                    device.Register();
                else
                    device.Update();
                break;
        }
    }

    Device.Treatment Treat() => _random.Next(8) switch
    {
        0 => Device.Treatment.AnswersTwice,
        1 => Device.Treatment.AnswersLater,
        2 => Device.Treatment.DoesNotAnswer,
        3 => Device.Treatment.Resets,
        _ => Device.Treatment.Answers,
    };

    void Carry()
    {
        var network = _world.Network;
        var at = _random.Next(network.Up + network.Down + 1);
        var luck = _random.NextDouble();
        var keeps = luck < _weather.Doubles;
        var loses = luck > 1 - _weather.Losses;
        if (at < network.Up && loses)
            network.LoseUp(at);
        else if (at < network.Up)
            network.DeliverUp(at, keeps);
        else if ((at -= network.Up) < network.Down && loses)
            network.LoseDown(at);
        else if (at < network.Down)
            network.DeliverDown(at, keeps);
    }

    void Land()
    {
        var orphans = _world.Orphans.Where(o => !o.IsIdle).ToList();
        if (orphans.Count > 0 && _random.Next(5) == 0)
        {
            LandLate(orphans[_random.Next(orphans.Count)]);
            return;
        }

        if (Pick(_world.Producers.SelectMany(p => p.Lines.Where(l => !l.IsIdle).Select(l => (Producer: p, Line: l))).ToList()) is not { Line: { } line } picked)
            return;
        var producer = picked.Producer;
        var fails = _random.NextDouble() < _weather.Failures;
        if (line.Unreported.Count > 0 && (line.Waiting.Count == 0 || _random.Next(2) == 0))
            producer.Report(line, !fails);
        else if (line.Late.Count > 0 && _random.Next(2) == 0)
            producer.LandLate(line);
        else if (line.Waiting.Count > 0 && fails && line.Unreported.Count == 0)
            producer.Fail(line, _random.Next(2) == 0);
        else if (line.Waiting.Count > 0)
            producer.Land(line);
    }

    void LandLate(Producer orphan)
    {
        var line = Pick(orphan.Lines.Where(l => !l.IsIdle).ToList())!;
        if (_random.Next(3) == 0)
            line.Late.Clear();
        else
            orphan.LandLate(line);
    }

    void Read()
    {
        if (Pick(_world.Ingresses.Where(i => !i.IsPaused).ToList()) is not { } ingress)
            return;
        // A reader takes several records at a time; another log may lag behind.
        var reader = Pick(ingress.Sessions.Concat(ingress.Registrations).Append(ingress.Instances).Where(r => r.HasMore).ToList());
        for (var i = _random.Next(1, 5); i > 0 && reader is { HasMore: true }; i--)
            reader.Read();
        if (ingress.IsReplaced && _random.Next(3) == 0)
        {
            _world.Kill(ingress, "sees the newer epoch of its slot and stops");
            return;
        }

        ingress.TryGetReady();
        if (!ingress.IsReady)
            return;
        if (_random.Next(2) == 0 && ingress.Downlink.HasMore)
            ingress.Downlink.Read();
        if (_random.Next(2) == 0 && !ingress.TryAnswer() && ingress.Questions > 0 && _random.NextDouble() < _weather.Failures)
            ingress.GiveUpQuestion();
        ingress.Gateway.OnTimer();
    }

    void Translate()
    {
        if (Pick(_world.Translators.Where(t => !t.IsPaused).ToList()) is not { } translator)
            return;
        if (translator.Instances.HasMore && _random.Next(2) == 0)
            translator.Instances.Read();
        if (translator.Lost.Any() && _random.Next(4) == 0)
            translator.Revoke(translator.Lost.First());
        if (Pick(translator.Lives.Values.ToList()) is not { } life)
            return;
        var reader = _random.Next(2) == 0 ? life.Operations : life.Registrations;
        for (var i = _random.Next(4); i > 0 && reader.HasMore; i--)
            reader.Read();
        life.TryRelease();
        if (!life.IsReleased)
            return;
        switch (_random.Next(5))
        {
            case 0 or 1 when life.Uplink.HasMore:
                life.Uplink.Read();
                break;
            case 2 when life.Commands.HasMore:
                life.Commands.Read();
                break;
            case 3:
                life.TryJudge();
                break;
            case 4:
                life.TryCommit();
                life.Tick();
                break;
        }
    }

    void Command()
    {
        var device = _world.Devices[_random.Next(_world.Devices.Count)];
        var within = TimeSpan.FromSeconds(_random.Next(4) == 0 ? _random.Next(60) : _random.Next(60, 900));
        var path = Paths[_random.Next(Paths.Length)];
        switch (_random.Next(10))
        {
            case < 4:
                _world.Execute(device, within);
                break;
            case 4:
                _world.Command(device.Endpoint, """{"msgType":"fly"}""", within);
                break;
            case 5:
                _world.Command(device.Endpoint, $$"""{"msgType":"cancel-observe","data":{"path":"{{path}}"} }""", within);
                break;
            case 6 or 7:
                _world.Command(device.Endpoint, $$"""{"msgType":"observe","data":{"path":"{{path}}"} }""", within);
                break;
            default:
                _world.Command(device.Endpoint, """{"msgType":"read","data":{"path":"/3/0/9"}}""", within);
                break;
        }
    }

    void Pass() => _world.Advance(TimeSpan.FromSeconds(_random.Next(12) switch { 0 => 100, 1 => 300, 2 => 30, 3 or 4 => 3, _ => 0.2 }));

    void Strike()
    {
        switch (_random.Next(7))
        {
            case 0 when Pick(_world.Ingresses) is { } dies:
                _world.Kill(dies);
                if (_random.Next(3) > 0 && _world.Ingresses.TrueForAll(i => i.Slot != dies.Slot))
                    _world.StartIngress(dies.Slot);
                break;
            case 1 when Enumerable.Range(0, _slots).Where(s => _world.Ingresses.TrueForAll(i => i.Slot != s || i.IsPaused)).ToList() is { Count: > 0 } empty:
                _world.StartIngress(Pick(empty));
                break;
            case 2 when Pick(_world.Ingresses) is { } pauses:
                pauses.IsPaused = !pauses.IsPaused;
                _world.Trace($"{pauses.Name} {(pauses.IsPaused ? "is paused" : "goes on")}");
                break;
            case 3 when Pick(_world.Translators) is { } dies:
                _world.Kill(dies);
                for (var partition = 0; partition < Cluster.Partitions; partition++)
                    Rebalance(partition, _world.OwnerOf(partition) == dies);
                break;
            case 4 when Pick(_world.Translators) is { } pauses:
                pauses.IsPaused = !pauses.IsPaused;
                _world.Trace($"{pauses.Name} {(pauses.IsPaused ? "is paused" : "goes on")}");
                break;
            case 5:
                Rebalance(_random.Next(Cluster.Partitions), isNeeded: true);
                break;
            case 6:
                _world.Compact(_random.Next(3) switch { 0 => Cluster.Topics.Sessions, 1 => Cluster.Topics.Registrations, _ => Cluster.Topics.Operations });
                break;
        }
    }

    void Rebalance(int partition, bool isNeeded)
    {
        if (!isNeeded)
            return;
        var alive = _world.Translators.Where(t => !t.IsPaused && t != _world.OwnerOf(partition)).ToList();
        _world.Assign(partition, alive.Count == 0 || _random.Next(3) == 0 ? _world.StartTranslator() : Pick(alive)!);
    }

    T? Pick<T>(IReadOnlyList<T> of) => of.Count == 0 ? default : of[_random.Next(of.Count)];
}
