using CsCheck;
using Protocol.Lwm2m.Values;

namespace Pipeline.Tests.Lwm2m.Formats;

static class Generators
{
    // No surrogates: a lone one does not survive UTF-8.
    static readonly Gen<string> Texts = Gen.String[Gen.Char[' ', '\u00ff'], 0, 300];

    static readonly Gen<long> Numbers = Gen.OneOf(Gen.Long, Gen.Int[-40000, 40000].Select(number => (long)number));

    internal static Gen<Lwm2mValue> Values { get; } = Gen.OneOf(
        Texts.Select(Lwm2mValue.String),
        Texts.Select(Lwm2mValue.CoreLink),
        Numbers.Select(Lwm2mValue.Integer),
        Numbers.Select(Lwm2mValue.Time),
        Gen.ULong.Select(Lwm2mValue.UnsignedInteger),
        Gen.Double.Where(double.IsFinite).Select(Lwm2mValue.Float),
        Gen.Bool.Select(Lwm2mValue.Boolean),
        Gen.Byte.Array[0, 300].Select(Lwm2mValue.Opaque),
        Gen.Select(Gen.UShort, Gen.UShort).Select(link => Lwm2mValue.ObjectLink(link.Item1, link.Item2)));
}
