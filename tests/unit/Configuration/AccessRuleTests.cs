using System.Net;
using Contracts.Configuration;
using CsCheck;

namespace Pipeline.Tests.Configuration;

public sealed class AccessRuleTests
{
    [Theory]
    [InlineData("allow all", "192.0.2.1", true)]
    [InlineData("deny 192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("deny 192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("deny 192.0.2.77/24", "192.0.2.1", true)]
    [InlineData("ALLOW  2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("allow 127.0.0.1", "127.0.0.2", false)]
    [InlineData("allow 0.0.0.0/0", "203.0.113.9", true)]
    public void A_rule_matches_its_network(string text, string address, bool matches)
    {
        Assert.True(AccessRule.TryParse(text, out var rule));
        Assert.Equal(matches, rule!.Matches(IPAddress.Parse(address)));
        Assert.Equal(text.StartsWith("allow", StringComparison.OrdinalIgnoreCase), rule.Allow);
    }

    [Theory]
    [InlineData("")]
    [InlineData("allow")]
    [InlineData("permit all")]
    [InlineData("allow 10.0.0.0/33")]
    [InlineData("allow 10.0.0.0/-1")]
    [InlineData("allow 10.0.0.0/x")]
    [InlineData("allow example.org")]
    [InlineData("allow all but")]
    public void Anything_else_is_refused(string text) => Assert.False(AccessRule.TryParse(text, out _));

    [Fact]
    public void Random_text_never_throws() => Gen.String.Sample(text => AccessRule.TryParse("allow " + text, out var rule) == rule is not null);
}
