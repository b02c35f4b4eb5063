namespace Pipeline.IntegrationTests.Emqx;

/// <summary>
/// Commands that cannot be meant. EMQX drops most of them without a word; here each is answered once, at once, and the device hears nothing.
/// </summary>
public sealed class InvalidCommandRows(EmqxFixture gateway) : EmqxStories(gateway)
{
    [Theory]
    [InlineData("payload not JSON", "not JSON", "unknown", "not JSON")]
    [InlineData("an empty payload", "", "unknown", "not JSON")]
    [InlineData("JSON, but no object", "[1]", "unknown", "not a JSON object")]
    [InlineData("msgType missing", """{"data":{"path":"/3/0/0"}}""", "unknown", "msgType is missing")]
    [InlineData("path missing", """{"msgType":"read","data":{}}""", "read", "path is missing")]
    [InlineData("path too long", """{"msgType":"read","data":{"path":"/1/2/3/4/5"}}""", "read", "no path of up to four numbers")]
    [InlineData("unsupported type", """{"msgType":"write","data":{"path":"/3/0/13","type":"Duration","value":1}}""", "write", "type \"Duration\" is not known")]
    [InlineData("bad number", """{"msgType":"write","data":{"path":"/3/0/13","type":"Integer","value":"many"}}""", "write", "not a 64-bit Integer")]
    [InlineData("bad base64", """{"msgType":"write","data":{"path":"/5/0/0","type":"Opaque","value":"*"}}""", "write", "not base64")]
    [InlineData("bad boolean", """{"msgType":"write","data":{"path":"/1/0/6","type":"Boolean","value":"yes"}}""", "write", "not a Boolean")]
    [InlineData("an attribute that is no number", """{"msgType":"write-attr","data":{"path":"/3/0/9","pmin":"soon"}}""", "write-attr", "pmin")]
    [InlineData("write-attr without attribute", """{"msgType":"write-attr","data":{"path":"/3/0/9"}}""", "write-attr", "no attribute")]
    [InlineData("arguments that are no string", """{"msgType":"execute","data":{"path":"/3/0/4","args":7}}""", "execute", "args must be a string")]
    [InlineData("create without content", """{"msgType":"create","data":{"basePath":"/6"}}""", "create", "content is missing")]
    [InlineData("write to an object", """{"msgType":"write","data":{"basePath":"/3","content":[]}}""", "write", "basePath must name")]
    [InlineData("several values to a resource instance", """{"msgType":"write","data":{"basePath":"/4/0/1/0","content":[]}}""", "write", "basePath must name")]
    [InlineData("one value to an instance (EMQX: nonsense is sent)", """{"msgType":"write","data":{"path":"/3/0","type":"Integer","value":1}}""", "write", "path must name a resource")]
    [InlineData("unknown msgType", """{"msgType":"dance","data":{"path":"/3/0/0"}}""", "dance", "msgType dance is not known")]
    [InlineData("no data", """{"msgType":"read"}""", "read", "data is missing")]
    [InlineData("hexadecimal that is none", """{"msgType":"write","encoding":"hex","data":{"path":"/3/0/14","type":"String","value":"zz"}}""", "write", "hexadecimal")]
    [InlineData("hexadecimal that is no text", """{"msgType":"write","encoding":"hex","data":{"path":"/3/0/14","type":"String","value":41}}""", "write", "hexadecimal")]
    [InlineData("an item without value (EMQX: left out)", """{"msgType":"write","data":{"basePath":"/3/0","content":[{"path":"14","type":"String"}]}}""", "write", "content item 0: value is missing")]
    [InlineData("an object link beyond 65535 (EMQX: modulo)", """{"msgType":"write","data":{"path":"/3/0/22/0","type":"Objlnk","value":"70000:1"}}""", "write", "object link")]
    [InlineData("kick from MQTT", """{"msgType":"kick","data":{}}""", "kick", "not taken from MQTT")]
    public async Task Command(string row, string command, string msgType, string reason)
    {
        using var story = await BeginAsync();
        await story.CommandAsync(command);
        var data = await HearDataAsync(story, msgType);
        Assert.Equal((row, "4.00", "bad_request"), (row, data.GetProperty("code").GetString(), data.GetProperty("codeMsg").GetString()));
        Assert.Contains(reason, data.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Theory]
    [InlineData("notify", "up/notify")]
    [InlineData("register", "up/resp")]
    [InlineData("update", "up/resp")]
    public async Task Command_with_the_type_of_an_event_is_refused_on_the_topic_of_that_event(string msgType, string topic)
    {
        using var story = await BeginAsync();
        await story.CommandAsync("{\"reqID\":10086,\"seqNum\":99,\"msgType\":\"" + msgType + "\",\"data\":{\"path\":\"/31024/11\"}}");
        await story.HearAsync(topic,
            $$"""{"data":{"code":"4.00","codeMsg":"bad_request","reason":"msgType {{msgType}} is not known","reqPath":"/31024/11"},"msgType":"{{msgType}}","reqID":10086,"seqNum":99}""");
    }
}
