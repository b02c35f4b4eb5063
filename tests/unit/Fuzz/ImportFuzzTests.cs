using System.Net;
using Contracts.Configuration;
using Ingress.Sockets;
using Pipeline.Tests.Coap;
using Pipeline.Tests.Ingress;
using Protocol.Coap;
using Tools.Imports;

namespace Pipeline.Tests.Fuzz;

public sealed class ImportFuzzTests
{
    /// <summary>Whatever devices and gateways say to each other, the import goes on, and nothing is an event that nobody has registered for.</summary>
    [Fact]
    public void Exchanges_TakeAnyMessages()
    {
        var gateway = new GatewayUnderTest();
        var register = gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>");
        var created = new byte[64];
        var writer = new CoapWriter(created, CoapType.Acknowledgement, CoapCode.Created, 100, [0xAA]);
        writer.AddLocationPath("rd/x");
        Assert.True(writer.TryFinish(out var length));
        var observe = GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Get, 7, [1], observe: 0);
        var value = GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Content, 7, [1], observe: 1, format: 0, payload: "1"u8.ToArray());

        var ns = 1_700_000_000_000_000_000ul;
        var time = new CaptureTime(ns);
        var peer = Peer.From(IPEndPoint.Parse("192.0.2.1:5001"), 0);
        var reader = new ExchangeReader(new ImportedDevices(new GatewayConfiguration(), time), new ImportTotals(), told =>
        {
            if (told.Endpoint.Length == 0)
                throw new InvalidOperationException($"{told.Kind} of nobody");
        });
        var count = 0;
        FuzzLoop.Run(
            input =>
            {
                time.MoveTo(ns += 10_000_000);
                reader.Take(count++ % 2 == 0, peer, ns, input);
                if (count % 64 == 0)
                {
                    reader.Take(true, peer, ns, register);
                    reader.Take(false, peer, ns, created.AsSpan(0, length));
                    reader.Take(false, peer, ns, observe);
                    reader.Take(true, peer, ns, value);
                }
            },
            [.. CoapSamples.All, .. CoapSamples.Blocks, register, created[..length], observe, value]);
    }
}
