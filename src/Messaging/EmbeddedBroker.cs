using Contracts;

namespace Messaging;

/// <summary>A Kafka broker inside this process: volatile, loopback only.</summary>
public sealed class EmbeddedBroker : IDisposable
{
    public static EmbeddedBroker Start(IEnumerable<TopicSpec> topics) => throw new NotImplementedException();
    public string BootstrapServers => throw new NotImplementedException();
    public UnreadBudget Budget => throw new NotImplementedException();
    public void SetDown() => throw new NotImplementedException();
    public void SetUp() => throw new NotImplementedException();
    public void SetRoundTripTime(TimeSpan time) => throw new NotImplementedException();
    public void PushProduceErrors(params short[] codes) => throw new NotImplementedException();
    public void Dispose() => throw new NotImplementedException();
}
