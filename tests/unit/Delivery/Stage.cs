using Contracts;

namespace Pipeline.Tests.Delivery;

/// <summary>
/// For stories told by hand: a world of two slots, one device and one Translator, in which everything works until the story says otherwise, and
/// which ends like a storm does.
/// </summary>
sealed class Stage
{
    public Stage(int devices = 1)
    {
        World = new World(devices: devices);
        World.StartIngress(0);
        World.StartIngress(1);
        Translator = World.StartTranslator();
        for (var partition = 0; partition < Cluster.Partitions; partition++)
            World.Assign(partition, Translator);
        Settle();
    }

    public World World { get; }

    public TranslatorProcess Translator { get; set; }

    public Device Device => World.Devices[0];

    public SessionRecord Counting => World.Promises.Truth.Counting[Device.Endpoint];

    /// <summary>The newest process of a slot.</summary>
    public IngressProcess At(int slot) => World.Ingresses.Last(i => i.Slot == slot);

    /// <summary>Everything that can go on without the time does so.</summary>
    public void Settle() => Calm.Settle(World);

    public void Register()
    {
        Device.Register();
        Settle();
        Assert.NotNull(Device.Location);
    }

    /// <summary>A datagram of the device is heard, and nothing else happens.</summary>
    public void Hear()
    {
        while (World.Network.Up > 0)
            World.Network.DeliverUp(0);
    }

    /// <summary>The next record that a process has handed for a topic lands; nobody has read it.</summary>
    public void Land(IngressProcess process, string topic) => process.Producer.Land(LineOf(process, topic));

    public static void Report(IngressProcess process, string topic, bool succeeded = true) => process.Producer.Report(LineOf(process, topic), succeeded);

    public static void Read(IReadOnlyList<Reader> readers)
    {
        foreach (var reader in readers)
        {
            while (reader.HasMore)
                reader.Read();
        }
    }

    /// <summary>The session record that a process has handed lands, is acknowledged and read back by it alone.</summary>
    public void Write(IngressProcess process)
    {
        Land(process, Cluster.Topics.Sessions);
        Report(process, Cluster.Topics.Sessions);
        Read(process.Sessions);
    }

    public IngressProcess Restart(IngressProcess process)
    {
        World.Kill(process);
        return World.StartIngress(process.Slot);
    }

    /// <summary>A process stands still; another one of its slot starts.</summary>
    public IngressProcess Pause(IngressProcess process)
    {
        process.IsPaused = true;
        World.Trace($"{process.Name} is paused");
        var next = World.StartIngress(process.Slot);
        Read([.. next.Sessions, .. next.Registrations]);
        next.TryGetReady();
        return next;
    }

    /// <summary>The calm after the story, and what must hold then.</summary>
    public void End()
    {
        Calm.Bring(World, 2);
        if (World.Promises.Broken is null)
            Endings.Check(World);
        Assert.True(World.Promises.Broken is null, World.Promises.Broken + "\n" + World.Story);
    }

    public IEnumerable<UplinkEvent> Uplink => World.Cluster.Records(Cluster.Topics.Uplink).Select(r => UplinkEvent.Parser.ParseFrom(r.Value));

    public int CountOf(EventKind kind) => Uplink.Count(e => e.Kind == kind);

    public IEnumerable<Outcome> Outcomes => Uplink.Where(e => e.Kind == EventKind.Outcome).Select(e => e.Outcome);

    static Producer.Line LineOf(IngressProcess process, string topic) => process.Producer.Lines.First(l => l.Log.Topic == topic && !l.IsIdle);
}
