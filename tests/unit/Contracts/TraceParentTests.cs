using System.Diagnostics;
using System.Text;
using Contracts;
using Pipeline.Tests.Fuzz;

namespace Pipeline.Tests.Contracts;

/// <summary>Values of <c>traceparent</c> come from applications, over Kafka and MQTT.</summary>
public sealed class TraceParentTests
{
    // W3C Trace Context, section 3.2.3.
    const string Recorded = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const string Unrecorded = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    [Fact]
    public void The_examples_of_the_recommendation_are_read()
    {
        Assert.True(TraceParent.TryParse(Recorded, out var context));
        Assert.Equal(("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", ActivityTraceFlags.Recorded, true),
            (context.TraceId.ToHexString(), context.SpanId.ToHexString(), context.TraceFlags, context.IsRemote));
        Assert.True(TraceParent.TryParse(Unrecorded, out context));
        Assert.Equal(ActivityTraceFlags.None, context.TraceFlags);
        Assert.Equal(Recorded, TraceParent.TextOf(Encoding.ASCII.GetBytes(Recorded)));
    }

    [Theory]
    [InlineData("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Recorded)]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-what-comes-later", Recorded)]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02", Unrecorded)]
    public void A_later_version_is_read_as_far_as_it_is_known_and_passed_on_as_ours(string later, string ours)
    {
        Assert.True(TraceParent.TryParse(later, out _));
        Assert.Equal(ours, TraceParent.TextOf(Encoding.ASCII.GetBytes(later)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("t")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7")] // no flags
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more")] // this version has no more
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ")]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more")]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")] // no version
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01")] // upper case
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01")]
    [InlineData("00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01")]
    [InlineData("0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("\uff10\uff10-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")] // digits of another script
    public void Anything_else_is_none(string value)
    {
        Assert.False(TraceParent.TryParse(value, out var context));
        Assert.Equal(default, context);
        Assert.Null(TraceParent.TextOf(Encoding.UTF8.GetBytes(value)));
    }

    [Fact]
    public void A_value_that_is_too_long_is_none()
    {
        var longest = "cc" + Recorded[2..] + "-" + new string('a', TraceParent.Longest - TraceParent.Length - 1);
        Assert.True(TraceParent.TryParse(longest, out _));
        Assert.False(TraceParent.TryParse(longest + "a", out _));
    }

    [Fact]
    public void What_is_passed_on_can_be_read_whatever_came() => FuzzLoop.Run(
        input =>
        {
            var read = TraceParent.TryParse(input, out var context);
            if ((TraceParent.TextOf(input) is not null) != read)
                throw new InvalidOperationException("read, and not passed on, or the other way round");
            if (read && (!TraceParent.TryParse(TraceParent.TextOf(input)!, out var again) || again != context || TraceParent.TextOf(input)!.Length != TraceParent.Length))
                throw new InvalidOperationException("what is passed on is something else");
        },
        Encoding.ASCII.GetBytes(Recorded), Encoding.ASCII.GetBytes("cc" + Unrecorded[2..] + "-more"));

    [Fact]
    public void A_trace_that_nobody_records_is_one()
    {
        Assert.True(TraceParent.TryParse(TraceParent.Unrecorded(), out var context));
        Assert.Equal(ActivityTraceFlags.None, context.TraceFlags);
    }
}
