using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>What devices should not send is answered as the RFCs say, or dropped, and harms neither them nor anybody else.</summary>
public abstract class BadInputScenarios(GatewayFixture gateway) : GatewayScenarios(gateway)
{
    [Theory]
    [InlineData(0x01, "", "4.04")]
    [InlineData(0x01, ".well-known/core", "4.04")]
    [InlineData(0x01, "rd", "4.05")]
    [InlineData(0x03, "rd", "4.05")]
    [InlineData(0x03, "nowhere", "4.04")]
    [InlineData(0x05, "rd", "4.05")]
    [InlineData(0x07, "nowhere", "4.05")]
    [InlineData(0x1F, "rd", "4.05")]
    [InlineData(0x02, "", "4.04")]
    [InlineData(0x02, "nowhere", "4.04")]
    [InlineData(0x04, "", "4.00")]
    [InlineData(0x04, "rd", "4.04")]
    [InlineData(0x02, "rd/nobody", "4.04")]
    public async Task Requests_that_make_no_sense_are_answered(byte method, string path, string code)
    {
        using var story = await BeginRegisteredAsync();
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(s => Datagram.Option(Datagram.UriPath, s));
        var answer = await story.Device.RequestAsync(
            new Datagram { Code = method, Id = story.Device.NextId(), Token = story.Device.NextToken(), Options = [.. segments] });
        Assert.Equal(code, answer.Dotted);
        await story.Device.UpdateAsync();
    }

    [Fact]
    public async Task Unknown_critical_option_is_refused_and_an_elective_one_ignored()
    {
        using var story = Begin();
        var register = story.Device.RegisterRequest();
        Assert.Equal("4.02", (await WithOptionAsync(2049)).Dotted);
        Assert.Equal("5.05", (await WithOptionAsync(35)).Dotted);
        story.Device.Registered(await WithOptionAsync(2050));
        await story.HearAsync("up/register");

        Task<Datagram> WithOptionAsync(int number) =>
            story.Device.RequestAsync(register with { Id = story.Device.NextId(), Options = [.. register.Options, (number, [1])] });
    }

    [Theory]
    [InlineData("lt=abc")]
    [InlineData("lt=-1")]
    [InlineData("lt=1.5")]
    [InlineData("lt=99999999999999999999")]
    [InlineData("ep=a+b")]
    [InlineData("ep=a#")]
    [InlineData("ep=a/b")]
    [InlineData("ep=")]
    [InlineData("ep=a\u0001b")]
    [InlineData("imei=+")]
    [InlineData("device_id=a/b")]
    public async Task Register_with_a_bad_parameter_is_refused(string query)
    {
        using var story = Begin();
        Assert.Equal("4.00", (await story.Device.RequestAsync(story.Device.RegisterRequest(queries: query))).Dotted);
        await story.Device.RegisterAsync();
    }

    [Fact]
    public async Task Register_without_endpoint_is_refused()
    {
        using var story = Begin();
        var register = story.Device.RegisterRequest();
        var nameless = register.Options.Where(o => !(o.Number == Datagram.UriQuery && o.Value.AsSpan().StartsWith("ep="u8)));
        var answer = await story.Device.RequestAsync(register with { Options = [.. nameless] });
        Assert.Equal("4.00", answer.Dotted);
        Assert.NotEmpty(answer.Text);
    }

    [Fact]
    public async Task Register_with_ten_thousand_options_does_no_harm()
    {
        using var neighbour = await BeginRegisteredAsync();
        using var story = Begin();
        var register = story.Device.RegisterRequest(queries: [.. Enumerable.Range(0, 10_000).Select(i => $"{i % 10}")]);
        await story.Device.SendAsync(register);
        await story.Device.ExpectResetAsync(register);
        await neighbour.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Noise_does_no_harm_to_the_sender_or_anybody_else()
    {
        using var story = await BeginRegisteredAsync();
        using var neighbour = await BeginRegisteredAsync();
        var random = new Random(7252);
        foreach (var length in Enumerable.Range(0, 60).Append(1500).Append(65_000))
        {
            var noise = new byte[length];
            random.NextBytes(noise);
            await story.Device.SendAsync(noise);
        }

        string[] frames =
        [
            "", "40", "4001", "400112", "49011234000000000000000000", "4f011234", "80011234", "c0011234", "00011234",
            "40011234ff", "40011234bf", "40011234fb", "40011234bd", "40011234be00", "44011234", "400012340102", "48021234", "60e01234", "40211234", "40bf1234",
        ];
        foreach (var frame in frames)
            await story.Device.SendAsync(Convert.FromHexString(frame));

        await neighbour.HearNothingBeforeNextAnswerAsync();
        await SkipRestAsync(story.Device);
        await story.Device.UpdateAsync();
        await story.HearAsync("up/update");
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Theory]
    [InlineData("c8")]
    [InlineData("c8ff")]
    [InlineData("d800ffffff00")]
    [InlineData("080014c80008")]
    [InlineData("0800" + "0c" + "0800" + "09" + "0800" + "06" + "0800" + "03" + "c10001")]
    public async Task Value_that_lies_about_its_length_is_refused_with_a_reason(string tlv)
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0"}}""", "CON GET 11=3 11=0", Datagram.Content, Convert.FromHexString(tlv), BareDevice.Tlv);
        Assert.StartsWith("""{"data":{"code":"4.00","codeMsg":"bad_request","reason":""", await story.HearAsync("up/resp"), StringComparison.Ordinal);
        await story.HearNothingBeforeNextAnswerAsync();
    }

    // The answers to what was no message at all, up to a pong of our own.
    static async Task SkipRestAsync(BareDevice device)
    {
        var ping = new Datagram { Id = device.NextId() };
        await device.SendAsync(ping);
        var answer = await device.ExpectAsync();
        while (answer.Id != ping.Id || answer.Type != MessageType.Reset)
        {
            // A request among the noise may have been answered; nothing else may come.
            Assert.True(answer.Type is MessageType.Reset or MessageType.Acknowledgement or MessageType.NonConfirmable, $"{answer}");
            answer = await device.ExpectAsync();
        }
    }
}
