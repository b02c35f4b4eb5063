using CsCheck;
using global::Egress.Relay;

namespace Pipeline.Tests.Egress;

public sealed class TopicFilterTests
{
    private static readonly Gen<string> s_name = Of("a", "b", "", "$s").Array[1, 4].Select(levels => string.Join('/', levels));
    private static readonly Gen<string> s_filter = Of("a", "b", "", "+", "#", "$s").Array[1, 4].Select(levels => string.Join('/', levels)).Where(TopicFilter.IsValid);

    // The examples of MQTT 5 section 4.7.1.
    [Theory]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("#", "$SYS/monitor", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("$SYS/#", "$SYS/monitor/Clients", true)]
    public void Filter_matches_as_the_specification_says(string filter, string topic, bool matches) => Assert.Equal(matches, Matches(filter, topic));

    [Theory]
    [InlineData("", false)]
    [InlineData("sport/tennis#", false)]
    [InlineData("sport/tennis/#/ranking", false)]
    [InlineData("sport+", false)]
    [InlineData("a\0b", false)]
    [InlineData("+/tennis/#", true)]
    [InlineData("/", true)]
    [InlineData("#", true)]
    public void Only_what_a_broker_takes_is_valid(string filter, bool valid) => Assert.Equal(valid, TopicFilter.IsValid(filter));

    [Fact]
    public void Filter_that_is_too_long_is_not_valid()
    {
        Assert.True(TopicFilter.IsValid(new string('x', 65535)));
        Assert.False(TopicFilter.IsValid(new string('x', 65536)));
    }

    [Fact]
    public void Tree_finds_what_each_filter_alone_would_find() =>
        Gen.Select(s_filter.List[0, 8], s_name).Sample((filters, topic) =>
        {
            var tree = new TopicTree<int>();
            for (var i = 0; i < filters.Count; i++)
            {
                tree.Add(filters[i], i);
            }

            var expected = Enumerable.Range(0, filters.Count).Where(i => Naive(filters[i].Split('/'), topic.Split('/'), 0));
            Assert.Equal(expected, tree.Find(topic).Order());
        });

    [Fact]
    public void Filter_that_covers_another_matches_all_that_the_other_does() =>
        Gen.Select(s_filter, s_filter, s_name).Sample((outer, inner, topic) =>
            Assert.True(!TopicFilter.Covers(outer, inner) || !Matches(inner, topic) || Matches(outer, topic)));

    [Theory]
    [InlineData("lwm2m/+/dn/#", "lwm2m/dev-1/dn/#", true)]
    [InlineData("lwm2m/+/dn/#", "lwm2m/dev-1/dn", true)]
    [InlineData("lwm2m/+/dn/#", "lwm2m/dev-1/dn/x/+", true)]
    [InlineData("lwm2m/+/dn/+", "lwm2m/dev-1/dn/x", true)]
    [InlineData("lwm2m/+/dn/#", "lwm2m/dev-1/#", false)]
    [InlineData("lwm2m/+/dn/+", "lwm2m/dev-1/dn/#", false)]
    [InlineData("lwm2m/+/dn", "lwm2m/dev-1/dn/x", false)]
    public void Covering_is_seen_where_it_matters(string outer, string inner, bool covers) => Assert.Equal(covers, TopicFilter.Covers(outer, inner));

    private static Gen<string> Of(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    private static bool Matches(string filter, string topic)
    {
        var tree = new TopicTree<bool>();
        tree.Add(filter, true);
        return tree.Find(topic).Any();
    }

    private static bool Naive(string[] filter, string[] topic, int at)
    {
        if (at < filter.Length && filter[at] == "#")
        {
            return at > 0 || !topic[0].StartsWith('$');
        }

        if (at == filter.Length || at == topic.Length)
        {
            return at == filter.Length && at == topic.Length;
        }

        var fits = filter[at] == topic[at] || (filter[at] == "+" && (at > 0 || !topic[0].StartsWith('$')));
        return fits && Naive(filter, topic, at + 1);
    }
}
