using Contracts;
using Contracts.Configuration;
using Ingress;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Tests.Ingress;

namespace Pipeline.Tests.Ownership;

/// <summary>Several gateways on one log and one clock, each hearing the beats of all that run.</summary>
sealed class FleetUnderTest
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    readonly List<Member> _running = [];
    readonly List<(byte[] Key, byte[]? Value)> _instances = [];
    TimeSpan _beat;

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    public MemoryLog Log { get; } = new();

    /// <summary>Records of the instances topic reach nobody: Kafka is slow, or away.</summary>
    public bool IsDeaf { get; set; }

    public GatewayConfiguration Configuration { get; set; } = new();

    public GatewayUnderTest Start(int slot)
    {
        var epoch = Write(InstanceRecord.KeyOf("ingress", $"{slot}"), new InstanceRecord { Kind = "start" }.ToJson());
        var gateway = new GatewayUnderTest(Log, Time, slot, epoch, seed: 40 + slot + (int)epoch, configuration: Configuration);
        var member = new Member(gateway, Log.Reader!, slot, epoch);
        Log.Audience.Add(member.Core);
        _running.Add(member);
        for (var offset = 0; offset < _instances.Count; offset++)
            member.Core.ReadInstance(_instances[offset].Key, _instances[offset].Value, offset);
        BeatAll();
        return gateway;
    }

    /// <summary>It dies as it stands.</summary>
    public void Kill(GatewayUnderTest gateway) => Remove(gateway);

    /// <summary>It says that it stops, as with SIGTERM.</summary>
    public void Stop(GatewayUnderTest gateway) => Tell(Remove(gateway), "stop");

    public DeviceGateway CoreOf(GatewayUnderTest gateway) => _running.First(m => m.Gateway == gateway).Core;

    public void Wish(int slot, bool drain = true) =>
        Write(SlotWish.KeyOf(slot), drain ? new SlotWish { Kind = SlotWish.Drain }.ToJson() : null);

    /// <summary>Time passes for all; Kafka takes what it is given.</summary>
    public void Advance(TimeSpan time)
    {
        for (var gone = TimeSpan.Zero; gone < time; gone += Step)
        {
            Time.Advance(Step);
            _beat += Step;
            if (_beat >= Beat)
                BeatAll();
            foreach (var member in _running.ToList())
                member.Core.OnTimer();
            Log.Settle();
        }
    }

    public void Advance(double seconds) => Advance(TimeSpan.FromSeconds(seconds));

    public SessionRecord SessionOf(string endpoint) => Log.Sessions.Last(s => s.Endpoint == endpoint);

    public int EventsOf(string endpoint, EventKind kind) => Log.Uplink.Count(e => e.Endpoint == endpoint && e.Kind == kind);

    public int Write(byte[] key, byte[]? value)
    {
        _instances.Add((key, value));
        if (!IsDeaf)
        {
            foreach (var member in _running)
                member.Core.ReadInstance(key, value, _instances.Count - 1);
        }

        return _instances.Count - 1;
    }

    void BeatAll()
    {
        _beat = TimeSpan.Zero;
        foreach (var member in _running.ToList())
            Tell(member, "heartbeat");
    }

    void Tell(Member member, string kind) =>
        Write(InstanceRecord.KeyOf("ingress", $"{member.Slot}"), new InstanceRecord { Kind = kind, Epoch = member.Epoch, HeartbeatMs = 1 }.ToJson());

    Member Remove(GatewayUnderTest gateway)
    {
        var member = _running.First(m => m.Gateway == gateway);
        _running.Remove(member);
        Log.Audience.Remove(member.Core);
        if (Log.Reader == member.Core)
            Log.Reader = null;
        return member;
    }

    sealed record Member(GatewayUnderTest Gateway, DeviceGateway Core, int Slot, int Epoch);
}
