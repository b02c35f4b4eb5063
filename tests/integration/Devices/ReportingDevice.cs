using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;

namespace Pipeline.IntegrationTests.Devices;

/// <summary>
/// A bare device that sends many confirmable notifications, several at a time, and repeats each until it is acknowledged. The value is the
/// number of the notification.
/// </summary>
sealed class ReportingDevice(IPEndPoint gateway) : IDisposable
{
    const int Window = 8;

    static readonly TimeSpan AckTimeout = TimeSpan.FromSeconds(2);

    readonly BareDevice _device = new(gateway);
    readonly ConcurrentBag<int> _acknowledged = [];
    byte[] _token = [];

    public string Endpoint => _device.Endpoint;

    public int Acknowledged => _acknowledged.Count;

    public IReadOnlyCollection<int> AcknowledgedNumbers => _acknowledged;

    /// <summary>Registers; the gateway is configured to observe /3/0/9 by itself.</summary>
    public async Task BeginAsync()
    {
        await _device.RegisterAsync("</3/0/9>");
        var observe = await _device.ExpectRequestAsync("CON GET 6=0 11=3 11=0 11=9");
        await _device.AnswerAsync(observe, Datagram.Content, "0", 0, 1);
        _token = observe.Token;
    }

    /// <summary>Sends numbers 1 to <paramref name="count"/>; done when all are acknowledged.</summary>
    public async Task ReportAsync(int count)
    {
        var open = new Dictionary<ushort, (int Number, byte[] Bytes)>();
        var next = 1;
        while (next <= count || open.Count > 0)
        {
            for (; next <= count && open.Count < Window; next++)
            {
                var text = next.ToString(CultureInfo.InvariantCulture);
                var notification = _device.Notification(_token, Encoding.ASCII.GetBytes(text), 0, (uint)next + 1);
                open[notification.Id] = (next, notification.ToBytes());
                await _device.SendAsync(open[notification.Id].Bytes);
            }

            if (await _device.TryReceiveAsync(AckTimeout) is { } answer)
            {
                Assert.Equal("ACK 0.00", answer.Said);
                if (open.Remove(answer.Id, out var notification))
                    _acknowledged.Add(notification.Number);
                continue;
            }

            foreach (var (_, bytes) in open.Values.OrderBy(o => o.Number))
                await _device.SendAsync(bytes);
        }
    }

    public void Dispose() => _device.Dispose();
}
