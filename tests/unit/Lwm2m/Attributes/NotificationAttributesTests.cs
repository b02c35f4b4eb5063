using Protocol.Lwm2m;
using Protocol.Lwm2m.Attributes;
using Protocol.Lwm2m.Links;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Attributes;

public sealed class NotificationAttributesTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("pmin=10&pmax=60", "pmax=60&pmin=10")]
    [InlineData("st=0.50&gt=30&lt=-1.5", "gt=30&lt=-1.5&st=0.50")]
    // Taken back.
    [InlineData("pmin&st=", "pmin&st")]
    [InlineData("epmin=1&epmax=2&edge=1&con=0&hqmax=5", "con=0&edge=1&epmax=2&epmin=1&hqmax=5")]
    [InlineData("pmin=4294967295", "pmin=4294967295")]
    public void Query_IsReadAndWritten(string query, string written) =>
        Assert.Equal(written, string.Join('&', Parse(query).ToQuery()));

    [Theory]
    [InlineData("pmin=-1", "pmin is not a number that this attribute can have")]
    [InlineData("pmin=1.5", "pmin is not a number that this attribute can have")]
    [InlineData("pmax=4294967296", "pmax is not a number that this attribute can have")]
    [InlineData("pmin=x", "pmin is not a number that this attribute can have")]
    [InlineData("gt=1e3", "gt is not a number that this attribute can have")]
    [InlineData("gt=NaN", "gt is not a number that this attribute can have")]
    [InlineData("st=-1", "st is not a number that this attribute can have")]
    [InlineData("gt=111111111111111111111111111111111", "gt is not a number that this attribute can have")]
    [InlineData("edge=2", "edge is not a number that this attribute can have")]
    [InlineData("con=2", "con is not a number that this attribute can have")]
    [InlineData("dim=2", "dim is not a notification attribute")]
    [InlineData("PMIN=2", "PMIN is not a notification attribute")]
    [InlineData("=2", " is not a notification attribute")]
    [InlineData("pmin=1&pmin=2", "pmin is given twice")]
    public void Query_ThatIsNone_IsRefused(string query, string reason)
    {
        Assert.False(NotificationAttributes.TryParse(query.Split('&'), out var attributes, out var actual));
        Assert.Equal(reason, actual);
        Assert.True(attributes.IsEmpty);
    }

    [Theory]
    [InlineData("pmin=10&pmax=60", Lwm2mVersion.V10, "/3", null, null)]
    [InlineData("pmin=10", Lwm2mVersion.V10, "/", null, "pmin needs a path of at least one number")]
    [InlineData("pmin=10", Lwm2mVersion.V10, "/3/0/6/1", null, "LwM2M 1.0 knows no attributes of resource instances")]
    [InlineData("pmin=10", Lwm2mVersion.V11, "/3/0/6/1", null, null)]
    // The device ignores such a pmax.
    [InlineData("pmin=60&pmax=10", Lwm2mVersion.V11, "/3", null, null)]
    [InlineData("epmin=1", Lwm2mVersion.V10, "/3", null, "epmin needs LwM2M 1.1, the device has 1.0")]
    [InlineData("epmin=1&epmax=2", Lwm2mVersion.V11, "/3", null, null)]
    [InlineData("epmin=2&epmax=2", Lwm2mVersion.V11, "/3", null, "epmin must be less than epmax")]
    [InlineData("con=1", Lwm2mVersion.V11, "/3", null, "con needs LwM2M 1.2, the device has 1.1")]
    [InlineData("con=1&hqmax=2", Lwm2mVersion.V12, "/3", null, null)]
    [InlineData("gt=1", Lwm2mVersion.V10, "/3303/0", null, "gt is for resources")]
    [InlineData("gt=1", Lwm2mVersion.V10, "/3303/0/5700", ResourceType.Float, null)]
    [InlineData("gt=1", Lwm2mVersion.V10, "/3303/0/5700", null, null)]
    [InlineData("st=1", Lwm2mVersion.V10, "/3/0/0", ResourceType.String, "st is for numbers, the resource is String")]
    [InlineData("edge=1", Lwm2mVersion.V12, "/3342/0/5500", ResourceType.Boolean, null)]
    [InlineData("edge=1", Lwm2mVersion.V12, "/3/0/9", ResourceType.Integer, "edge is for booleans, the resource is Integer")]
    [InlineData("edge=1", Lwm2mVersion.V12, "/3/0", null, "edge is for resources")]
    [InlineData("lt=10&gt=30&st=5", Lwm2mVersion.V11, "/3303/0/5700", ResourceType.Float, null)]
    [InlineData("lt=10&gt=30&st=10", Lwm2mVersion.V11, "/3303/0/5700", ResourceType.Float, "lt + 2 * st must be less than gt")]
    [InlineData("lt=30&gt=10", Lwm2mVersion.V11, "/3303/0/5700", ResourceType.Float, "lt + 2 * st must be less than gt")]
    [InlineData("lt=9999999999999999999999999999&gt=1&st=9999999999999999999999999999", Lwm2mVersion.V11, "/3303/0/5700", null, "lt + 2 * st must be less than gt")]
    [InlineData("lt&gt=10&st", Lwm2mVersion.V11, "/3303/0/5700", ResourceType.Float, null)]
    public void Rules_AreThoseOfTheSpecification(string query, Lwm2mVersion version, string path, ResourceType? type, string? reason) =>
        Assert.Equal(reason, Parse(query).ReasonAgainst(version, At(path), type));

    [Fact]
    public void Values_AreThere()
    {
        var attributes = Parse("pmin=10&st&gt=1.5");
        Assert.Equal((10m, 1.5m, null, null), (attributes[NotificationAttribute.Pmin], attributes[NotificationAttribute.Gt], attributes[NotificationAttribute.St], attributes[NotificationAttribute.Lt]));
        Assert.True(attributes.Mentions(NotificationAttribute.St));
        Assert.False(attributes.Mentions(NotificationAttribute.Lt));
        Assert.False(attributes.IsEmpty);
    }

    static NotificationAttributes Parse(string query)
    {
        Assert.True(NotificationAttributes.TryParse(query.Split('&', StringSplitOptions.RemoveEmptyEntries), out var attributes, out var reason), reason);
        return attributes;
    }
}
