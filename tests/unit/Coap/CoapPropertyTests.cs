using CsCheck;
using Protocol.Coap;

namespace Pipeline.Tests.Coap;

public sealed class CoapPropertyTests
{
    static readonly Gen<(ushort Number, byte[] Value)> GenOption =
        Gen.Select(
            Gen.Frequency((4, Gen.UShort[0, 300]), (1, Gen.UShort)),
            Gen.Frequency((5, Gen.Byte.Array[0, 20]), (1, Gen.Byte.Array[0, 700])));

    static readonly Gen<(CoapType Type, CoapCode Code)> GenTypeAndCode =
        Gen.Select(Gen.Enum<CoapType>(), Gen.Byte.Select(b => (CoapCode)b))
            .Where((type, code) => code.IsResponse ? type != CoapType.Reset : code.IsRequest && type <= CoapType.NonConfirmable);

    [Fact]
    public void Written_IsParsedBack() =>
        Gen.Select(GenTypeAndCode, Gen.UShort, Gen.Byte.Array[0, 8], GenOption.Array[0, CoapFrame.MaxOptions], Gen.Byte.Array[0, 100])
            .Sample((kind, messageId, token, options, payload) =>
            {
                options = [.. options.Where(o => OptionFormat.AllowsLength(o.Number, o.Value.Length)).OrderBy(o => o.Number)];
                var buffer = new byte[CoapFrame.MaxOptions * 710 + 200];
                var writer = new CoapWriter(buffer, kind.Type, kind.Code, messageId, token);
                foreach (var (number, value) in options)
                    writer.AddOption(number, value);
                writer.AddPayload(payload);
                Assert.True(writer.TryFinish(out var length));
                Assert.Equal(writer.Length, length);

                var frame = CoapSamples.Parse(buffer.AsSpan(0, length));
                Assert.Equal((kind.Type, kind.Code, messageId), (frame.Type, frame.Code, frame.MessageId));
                Assert.True(frame.Token.SequenceEqual(token));
                Assert.True(frame.Payload.SequenceEqual(payload));
                var index = 0;
                foreach (var option in frame.Options)
                {
                    Assert.Equal(options[index].Number, option.Number);
                    Assert.True(option.Value.SequenceEqual(options[index++].Value));
                }

                Assert.Equal(options.Length, index);
                foreach (var (number, _) in options)
                {
                    Assert.True(frame.TryGetOption(number, out var first));
                    Assert.True(first.SequenceEqual(options.First(o => o.Number == number).Value));
                    Assert.Equal(options.Count(o => o.Number == number), frame.Values(number).Count());
                }
            });

    [Fact]
    public void RandomBytes_NeverThrow() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        if (bytes.Length > 0)
            bytes[0] = (byte)((bytes[0] & 0x37) | 0x40);
        CoapChecks.AssertTotal(bytes);
    });
}
