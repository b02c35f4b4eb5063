using System.Text.Json;
using Pipeline.IntegrationTests.Devices;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>Register, Update and De-register, row by row.</summary>
public sealed class RegisterRows(EmqxFixture gateway) : EmqxStories(gateway)
{
    // Exactly those that EMQX takes out.
    static readonly string[] Secrets =
    [
        "access_key_id", "access_key_secret", "access_token", "account_key", "api_key", "api_secret", "aws_secret_access_key", "bind_password",
        "client_jwks", "client_secret", "id_token", "jwk", "jwt", "mfa_token", "new_pwd", "old_pwd", "passcode", "passwd", "password",
        "private_key", "private_key_password", "refresh_token", "secret", "secret_access_key", "secret_key", "security_token",
        "sentinel_password", "sp_private_key", "token",
    ];

    [Fact]
    public async Task Every_key_of_the_query_is_told_but_secrets()
    {
        using var story = Begin();
        await story.Device.RegisterAsync(
            BareDevice.Objects, 300, "1.0", ["sms=1", "imei=i-1", "apn=x", "ct=2", "mv=3", "My-Key=4", "passwords=seen", .. Secrets.Select(key => $"{key}=hush")]);
        var data = await HearDataAsync(story, "register");
        Assert.Equal(
            ["My-Key", "alternatePath", "apn", "ct", "ep", "imei", "lt", "lwm2m", "mv", "objectList", "passwords", "sms"],
            data.EnumerateObject().Select(member => member.Name));
        Assert.All(data.EnumerateObject().Where(member => member.Name is not ("lt" or "objectList")), member => Assert.Equal(JsonValueKind.String, member.Value.ValueKind));
    }

    [Theory]
    [InlineData("a flag", "flag", null)]
    [InlineData("the last of equal keys", "x=1&x=2", "2")]
    [InlineData("nothing is decoded", "x=%41+b", "%41+b")]
    [InlineData("an empty value", "x=", "")]
    [InlineData("a second equals sign (EMQX: dropped)", "x=a=b", "a=b")]
    public async Task Query_is_read_key_by_key(string row, string query, string? told)
    {
        using var story = Begin();
        await story.Device.RegisterAsync(BareDevice.Objects, 300, "1.0", query.Split('&'));
        var data = await HearDataAsync(story, "register");
        Assert.Equal((row, told), (row, data.TryGetProperty("x", out var value) ? value.GetString() : null));
        Assert.False(data.TryGetProperty("flag", out _));
    }

    [Theory]
    [InlineData("plain", "</1>, </2>, </3>", "/", "/1 /2 /3")]
    [InlineData("root at /", """</>;rt="oma.lwm2m";ct=11543,</lwm2m/1/0>,</lwm2m/2/0>""", "/", "/lwm2m/1/0 /lwm2m/2/0")]
    [InlineData("root elsewhere", """</lwm2m>;rt="oma.lwm2m";ct=11543,</lwm2m/1/0>,</3/0>""", "/lwm2m", "/1/0 /3/0")]
    [InlineData("root with a slash at its end (EMQX: /lwm2m/ and 1/0)", """</lwm2m/>;rt="oma.lwm2m",</lwm2m/1/0>""", "/lwm2m", "/1/0")]
    [InlineData("root without quotes (EMQX: no root)", "</lwm2m>;rt=oma.lwm2m,</lwm2m/3/0>", "/lwm2m", "/3/0")]
    [InlineData("a comma at the end (EMQX: an empty entry)", "</1/0>,", "/", "/1/0")]
    [InlineData("a comma in quotes (EMQX: a second entry)", """</1/0>;title="a,b" """, "/", "/1/0")]
    [InlineData("an attribute without value (EMQX: the session crashes)", "</1/0>;obs,</3/0>;", "/", "/1/0 /3/0")]
    [InlineData("attributes are not told", """</1/0>;ver="1.1";ct=42;title=x""", "/", "/1/0")]
    [InlineData("no payload", "", null, null)]
    public async Task Object_list(string row, string payload, string? alternatePath, string? objects)
    {
        using var story = Begin();
        await story.Device.RegisterAsync(payload.Trim());
        var data = await HearDataAsync(story, "register");
        Assert.Equal((row, alternatePath), (row, data.TryGetProperty("alternatePath", out var path) ? path.GetString() : null));
        Assert.Equal(objects, data.TryGetProperty("objectList", out var list) ? string.Join(' ', list.EnumerateArray().Select(o => o.GetString())) : null);
    }

    [Fact]
    public async Task Lifetime_zero_is_told_as_it_was_sent_and_the_device_stays()
    {
        using var story = Begin();
        await story.Device.RegisterAsync(lifetime: 0);
        Assert.Equal(0, (await HearDataAsync(story, "register")).GetProperty("lt").GetInt32());
        await story.HearNothingBeforeNextAnswerAsync();
        await story.Device.UpdateAsync(null, "lt=300");
        Assert.Equal(300, (await HearDataAsync(story, "update")).GetProperty("lt").GetInt32());
        await story.Device.UpdateAsync(null, "lt=0");
        Assert.Equal(0, (await HearDataAsync(story, "update")).GetProperty("lt").GetInt32());
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Lifetime_starts_again_with_every_message_of_the_device()
    {
        using var story = Begin();
        await story.Device.RegisterAsync(lifetime: 2);
        await story.HearAsync("up/resp");
        for (var i = 0; i < 6; i++)
        {
            await story.Device.ExpectSilenceAsync(500);
            await story.Device.ExpectNothingBeforePongAsync();
        }

        Assert.False(story.HasUnheard("up/lifecycle"));
        await story.Device.UpdateAsync();
    }

    [Fact]
    public async Task Lifetime_that_was_not_sent_again_stays()
    {
        using var story = await BeginAsync();
        await story.Device.UpdateAsync();
        Assert.Equal(300, (await HearDataAsync(story, "update")).GetProperty("lt").GetInt32());
    }

    [Fact]
    public async Task Update_merges_any_key_and_changes_neither_name_nor_topic()
    {
        using var story = await BeginAsync(BareDevice.Objects, "a=1", "b=U");
        await story.Device.UpdateAsync("</1/0>", "a=2", "c=3", "imei=other", "device_id=other");
        var data = await HearDataAsync(story, "update");
        Assert.Equal(("2", "U", "3"), (data.GetProperty("a").GetString(), data.GetProperty("b").GetString(), data.GetProperty("c").GetString()));
        Assert.Equal("""["/1/0"]""", data.GetProperty("objectList").GetRawText());
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Theory]
    [InlineData("no ep", "ep", "4.00")]
    [InlineData("lt is no number (EMQX: the session crashes)", "lt=soon", "4.00")]
    [InlineData("lt is negative (EMQX: told, then the session crashes)", "lt=-1", "4.00")]
    [InlineData("a version that is not spoken (EMQX: 4.00)", "lwm2m=8.3", "4.12")]
    [InlineData("a version that is not spoken (EMQX: 4.00)", "lwm2m=1.0.2", "4.12")]
    [InlineData("no version: 1.0 (EMQX: 4.00)", "lwm2m", "2.01")]
    [InlineData("no lifetime: the longest (EMQX: 4.00)", "lt", "2.01")]
    public async Task Register_that_lacks_something(string row, string change, string code)
    {
        using var story = Begin();
        var register = story.Device.RegisterRequest();
        var key = change.Split('=')[0] + "=";
        var options = register.Options.Where(o => o.Number != Datagram.UriQuery || !System.Text.Encoding.UTF8.GetString(o.Value).StartsWith(key, StringComparison.Ordinal));
        if (change.Contains('=', StringComparison.Ordinal))
            options = options.Append(Datagram.Option(Datagram.UriQuery, change));
        var answer = await story.Device.RequestAsync(register with { Options = [.. options] });
        Assert.Equal((row, code), (row, answer.Dotted));
        Assert.Equal(code != "2.01", answer.Payload.Length > 0);
        if (code == "2.01")
            await HearDataAsync(story, "register");
        else
            await story.HearNothingAsync("up/resp");
    }

    [Fact]
    public async Task Register_again_is_a_register_and_the_old_one_is_replaced()
    {
        using var story = await BeginAsync();
        var first = story.Device.RegistrationId;
        await story.Device.RegisterAsync("</1/0>");
        Assert.Equal("""["/1/0"]""", (await HearDataAsync(story, "register")).GetProperty("objectList").GetRawText());
        Assert.Equal("/rd/" + first, (await HearDataAsync(story, "replaced", "up/lifecycle")).GetProperty("location").GetString());
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Registration_moves_with_an_update_from_a_new_address()
    {
        using var story = await BeginAsync();
        using var moved = new BareDevice(Gateway.Coap, story.Endpoint);
        Assert.Equal("2.04", (await moved.RequestAsync(story.Device.UpdateRequest())).Dotted);
        await HearDataAsync(story, "update");
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"}}""");
        await moved.AnswerAsync(await moved.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
        await story.HearAsync("up/resp", """{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/0"},"msgType":"read"}""");
    }
}
