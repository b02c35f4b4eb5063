using System.Net;
using System.Text;
using Contracts.Configuration;
using CsCheck;
using Ingress.Access;
using Ingress.Sockets;

namespace Pipeline.Tests.Ingress;

/// <summary>What holds for all rules, answers and rates.</summary>
public sealed class AccessPropertyTests
{
    static readonly Gen<IPAddress> Addresses = Gen.OneOf(
        Gen.Byte.Array[4].Select(b => new IPAddress([10, (byte)(b[1] & 3), (byte)(b[2] & 1), b[3]])),
        Gen.Byte.Array[16].Select(b => new IPAddress([0x20, 0x01, 0x0d, 0xb8, (byte)(b[4] & 1), 0, 0, 0, .. b[8..]])));

    static readonly Gen<AccessRule> Rules = Gen.Select(Gen.Bool, Addresses, Gen.Int[0, 128], (allow, address, prefix) =>
    {
        var text = prefix == 128 ? "all" : $"{address}/{Math.Min(prefix, address.GetAddressBytes().Length * 8)}";
        return AccessRule.TryParse((allow ? "allow " : "deny ") + text, out var rule) ? rule! : throw new FormatException(text);
    });

    [Fact]
    public void Masks_decide_as_the_rules_say() =>
        Gen.Select(Rules.List[0, 6], Addresses).Sample((rules, address) =>
            new AccessList(rules).Allows(Peer.From(new IPEndPoint(address, 1), 0)) == (rules.FirstOrDefault(r => r.Matches(address))?.Allow ?? true));

    [Fact]
    public void No_answer_of_a_server_throws() =>
        Gen.Select(Gen.OneOf(Gen.String, Gen.Byte.Array.Select(Encoding.UTF8.GetString), Shattered), Gen.Int[100, 599], Gen.Int[0, 2].Select(i => new[] { "application/json", "application/x-www-form-urlencoded", null }[i]))
            .Sample((body, status, type) => HttpReply.Of(status, type, body) is null or { Result: not HttpResult.Unreachable });

    // An answer that lost some of its bytes.
    static readonly Gen<string> Shattered = Gen.Select(Gen.Int[0, 90], Gen.Int[0, 90], (from, to) =>
    {
        const string Whole = """{"result":"allow","is_superuser":true,"client_attrs":{"a":"\ud83d\ude00"},"expire_at":1700000000.5}""";
        return Whole[..Math.Min(from, to)] + Whole[Math.Max(from, to)..];
    });

    [Fact]
    public void A_bucket_gives_no_more_than_its_rate() =>
        Gen.Select(Gen.Double[0.1, 500], Gen.Int[0, 200].List[1, 300]).Sample((rate, pauses) =>
        {
            var (bucket, now, taken) = (new Turns(rate, 0), 0L, 0);
            foreach (var pause in pauses)
            {
                now += pause;
                taken += bucket.TryEnter(now) ? 1 : 0;
            }

            return taken <= Math.Max(1, rate) + (rate * now / 1000) + 1e-6;
        });
}
