namespace Pipeline.Tests.Delivery;

/// <summary>No more faults: every process runs, everything lands, is read and carried, devices answer, and the time goes on.</summary>
static class Calm
{
    static readonly TimeSpan Deadlines = TimeSpan.FromSeconds(900 + 93 + 60);

    /// <summary>Until every deadline is over, and nothing is left to do.</summary>
    public static void Bring(World world, int slots)
    {
        world.Trace($"---- calm ----");
        world.Refusals = 0;
        foreach (var device in world.Devices)
            device.Treats = () => Device.Treatment.Answers;
        foreach (var ingress in world.Ingresses)
            ingress.IsPaused = false;
        foreach (var translator in world.Translators)
            translator.IsPaused = false;
        for (var slot = 0; slot < slots; slot++)
        {
            if (world.Ingresses.TrueForAll(i => i.Slot != slot))
                world.StartIngress(slot);
        }

        for (var partition = 0; partition < Cluster.Partitions; partition++)
        {
            if (world.OwnerOf(partition) is not { IsDead: false })
                world.Assign(partition, world.StartTranslator());
        }

        var end = world.UnixMs + (long)Deadlines.TotalMilliseconds;
        for (var round = 0; world.UnixMs < end && world.Promises.Broken is null; round++)
        {
            Settle(world);
            world.Advance(TimeSpan.FromSeconds(round < 20 ? 0.5 : round < 40 ? 5 : 30));
            foreach (var device in world.Devices)
                Live(world, device);
        }

        Settle(world);
    }

    /// <summary>Everything that can go on without the time does so.</summary>
    public static void Settle(World world)
    {
        for (var round = 0; world.Promises.Broken is null && GoOn(world); round++)
        {
            if (round > 2000)
                world.Promises.Break("P6: it does not come to rest");
        }
    }

    /// <summary>Every device is registered in the end, and says so before its lifetime is over.</summary>
    static void Live(World world, Device device)
    {
        if (device.Pending is null && device.Location is null)
            device.Register();
        else if (device.Pending is null && world.UnixMs - device.UpdatedAt > device.Lifetime * 500)
            device.Update();
        else if (device.Pending is not null && device.MayRepeat)
            device.Repeat();
        else if (device.Pending is not null)
            device.GiveUp();
    }

    static bool GoOn(World world)
    {
        var goesOn = false;
        foreach (var ingress in world.Ingresses.ToList())
        {
            goesOn |= Drain(ingress.Sessions) | Drain(ingress.Registrations) | Drain([ingress.Instances]);
            if (ingress.IsReplaced)
            {
                world.Kill(ingress, "sees the newer epoch of its slot and stops");
                if (world.Ingresses.TrueForAll(i => i.Slot != ingress.Slot))
                    world.StartIngress(ingress.Slot);
                goesOn = true;
                continue;
            }

            goesOn |= ingress.TryGetReady() || (ingress.IsReady && (Drain([ingress.Downlink]) | ingress.TryAnswer()));
            if (ingress.IsReady)
                ingress.Gateway.OnTimer();
        }

        foreach (var translator in world.Translators)
        {
            foreach (var lost in translator.Lost.ToList())
                translator.Revoke(lost);
            goesOn |= Drain([translator.Instances]);
            foreach (var life in translator.Lives.Values)
                goesOn |= GoOn(life);
        }

        foreach (var producer in world.Producers.Concat(world.Orphans).ToList())
            goesOn |= Land(producer);
        while (world.Network.Up > 0)
            (goesOn, _) = (true, Do(() => world.Network.DeliverUp(0)));
        while (world.Network.Down > 0)
            (goesOn, _) = (true, Do(() => world.Network.DeliverDown(0)));
        return goesOn;
    }

    static bool GoOn(PartitionLife life)
    {
        var goesOn = Drain([life.Operations, life.Registrations]) | life.TryRelease();
        if (!life.IsReleased)
            return goesOn;
        goesOn |= Drain([life.Uplink, life.Commands]);
        while (life.TryJudge())
            goesOn = true;
        life.Tick();
        return goesOn | life.TryCommit();
    }

    static bool Land(Producer producer)
    {
        var goesOn = false;
        foreach (var line in producer.Lines.Where(l => !l.IsIdle).ToList())
        {
            goesOn = true;
            while (line.Late.Count > 0)
                producer.LandLate(line);
            while (line.Waiting.Count > 0)
                producer.Land(line);
            while (line.Unreported.Count > 0)
                producer.Report(line, succeeded: true);
        }

        return goesOn;
    }

    static bool Drain(IReadOnlyList<Reader> readers)
    {
        var reads = false;
        foreach (var reader in readers)
        {
            for (; reader.HasMore; reads = true)
                reader.Read();
        }

        return reads;
    }

    static bool Do(Action step)
    {
        step();
        return true;
    }
}
