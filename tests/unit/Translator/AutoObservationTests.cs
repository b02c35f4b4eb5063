using Contracts;
using Contracts.Configuration;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

public sealed class AutoObservationTests
{
    [Theory]
    [InlineData("all", "/3/0,/3303/0,/3304")] // 1 and 5 are left out, 9999 has no definition
    [InlineData("/3303/0,/1/0,/3/0/1,/3/0", "/3303/0,/1/0,/3/0")]
    [InlineData("/9999/0", "")]
    [InlineData("off", "")]
    public void What_is_observed_follows_the_configuration(string wanted, string observed)
    {
        var rules = Rules(wanted switch { "all" => AutoObserve.All, "off" => AutoObserve.Off, _ => AutoObserve.Of(wanted.Split(',')) });
        Assert.Equal(observed, string.Join(',', AutoObservation.Of(Registered(), rules).Select(operation => operation.Path)));
    }

    [Fact]
    public void The_operation_is_an_observe_that_says_so_and_is_named_after_the_event()
    {
        var operation = AutoObservation.Of(Registered(), Rules(AutoObserve.Of(["/3/0"]))).Single();
        Assert.Equal((OperationKind.Observe, true, "auto-0123456789abcdeffedcba9876543210/3/0"), (operation.Kind, operation.Automatic, operation.Command.CommandId));
        Assert.Equal("""{"data":{"path":"/3/0"},"is_auto_observe":true,"msgType":"observe"}""", operation.Command.Echo.ToStringUtf8());
        Assert.Equal(Given.Now + 7_200_000, operation.DeadlineMs);
    }

    [Fact]
    public void Only_a_registration_starts_observations()
    {
        var updated = Registered();
        updated.Kind = EventKind.Updated;
        Assert.Empty(AutoObservation.Of(updated, Rules(AutoObserve.All)));
    }

    [Fact]
    public void A_device_that_lists_thousands_gets_a_bounded_number()
    {
        var registered = Registered();
        registered.Registration.ObjectList.Add(Enumerable.Range(1, 4000).Select(instance => $"/3303/{instance}"));
        Assert.Equal(128, AutoObservation.Of(registered, Rules(AutoObserve.All)).Count);
    }

    private static global::Translator.TranslationRules Rules(AutoObserve wanted) => Given.With(lwm2m => lwm2m with { AutoObserve = wanted });

    private static UplinkEvent Registered() => Given.Uplink(EventKind.Registered, uplink =>
        uplink.Registration = new RegistrationInfo { HasObjectList = true, ObjectList = { "/1/0", "/3/0", "/5/0", "/3303/0", "/3304", "/9999/0", "x" } });
}
