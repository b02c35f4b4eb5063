using Confluent.Kafka;

namespace Messaging;

/// <summary>
/// One record on its way: what the client needs and what its report needs, rented from <see cref="LogProducer"/> and used again.
/// </summary>
internal sealed class Delivery
{
    // Without it the client makes an empty list for every record.
    private static readonly Headers s_none = [];

    private readonly LogProducer _producer;

    public Delivery(LogProducer producer)
    {
        _producer = producer;
        Report = OnReport;
    }

    public Message<byte[], byte[]> Message { get; } = new() { Headers = s_none };

    /// <summary>The one delegate of this object's life.</summary>
    public Action<DeliveryReport<byte[], byte[]>> Report { get; }

    public string Topic { get; private set; } = "";
    public int Size { get; private set; }

    /// <summary>The partition whose budget has been asked; -1 where there is no budget.</summary>
    public int Budgeted { get; private set; }
    public IAppendSink Sink { get; private set; } = null!;
    public long Cookie { get; private set; }

    public void Fill(
        string topic, int budgeted, byte[]? key, byte[]? value, RecordHeader[]? headers, int size, IAppendSink sink, long cookie)
    {
        (Topic, Budgeted, Size, Sink, Cookie) = (topic, budgeted, size, sink, cookie);
        Message.Key = key!;
        Message.Value = value!;
        if (headers is { Length: > 0 })
        {
            var list = new Headers();
            foreach (var header in headers)
            {
                list.Add(header.Name, header.Value);
            }

            Message.Headers = list;
        }
    }

    /// <summary>Forgets the record, so that the pool keeps no payload alive.</summary>
    public void Clear()
    {
        Message.Key = null!;
        Message.Value = null!;
        Message.Headers = s_none;
        Sink = null!;
    }

    private void OnReport(DeliveryReport<byte[], byte[]> report) => _producer.Complete(this, report);
}
