using Pipeline.IntegrationTests.Devices;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>
/// The datagram that each command becomes, byte by byte as EMQX sends it. Two things differ, and are put back before the comparison: our
/// requests have a token, and an option with the number 0 has no bytes (RFC 7252 section 3.2).
/// </summary>
public sealed class CommandFrameRows(EmqxFixture gateway) : EmqxStories(gateway)
{
    [Theory]
    [InlineData("read", BareDevice.Objects, """{"msgType":"read","data":{"path":"/3/0/0"}}""", "40011234b13301300130")]
    [InlineData("read below an alternate path", """</lwm2m>;rt="oma.lwm2m",</lwm2m/3/0>""", """{"msgType":"read","data":{"path":"/3/0/0"}}""", "40011234b56c776d326d013301300130")]
    [InlineData("read with a query", BareDevice.Objects, """{"msgType":"read","data":{"path":"/6/0/0?foo=bar&baz=1"}}""", "40011234b1360130013047666f6f3d6261720562617a3d31")]
    [InlineData("discover", BareDevice.Objects, """{"msgType":"discover","data":{"path":"/3/0/7"}}""", "40011234b133013001376128")]
    [InlineData("write", BareDevice.Objects, """{"msgType":"write","data":{"path":"/3/0/13","type":"Integer","value":"12345"}}""", "40031234b1330130023133122d16ffc20d3039")]
    [InlineData("write to an instance", BareDevice.Objects, """{"msgType":"write","data":{"basePath":"/3/0/","content":[{"path":"13","type":"Integer","value":"12345"},{"path":"14","type":"String","value":"87x"},{"path":"6/0","type":"Integer","value":"1"}]}}""", "40021234b1330130122d16ffc20d3039c30e3837788306410001")]
    [InlineData("write to a resource, the later of equal paths counts", BareDevice.Objects, """{"msgType":"write","data":{"basePath":"/3/0/22","content":[{"path":"0","type":"Objlnk","value":"1:2"},{"path":"1","type":"Objlnk","value":"1:3"},{"path":"1","type":"Objlnk","value":"1:4"}]}}""", "40031234b1330130023232122d16ff88160c440000010002440100010004")]
    [InlineData("write-attr", BareDevice.Objects, """{"msgType":"write-attr","data":{"path":"/3/0/9","pmin":"1","pmax":"5","lt":"5"}}""", "40031234b13301300139446c743d3506706d61783d3506706d696e3d31")]
    [InlineData("execute with arguments", BareDevice.Objects, """{"msgType":"execute","data":{"path":"/3/0/4","args":"2,7"}}""", "40021234b133013001341100ff322c37")]
    [InlineData("execute", BareDevice.Objects, """{"msgType":"execute","data":{"path":"/3/0/4"}}""", "40021234b133013001341100")]
    [InlineData("execute with arguments that are undefined", BareDevice.Objects, """{"msgType":"execute","data":{"path":"/3/0/4","args":"undefined"}}""", "40021234b133013001341100")]
    [InlineData("create", BareDevice.Objects, """{"msgType":"create","data":{"basePath":"/6","content":[{"path":"0/0","type":"Float","value":"1.5"},{"path":"0/4","type":"Opaque","value":"AQID"},{"path":"0/21","type":"Integer","value":-129},{"path":"1/0","type":"Float","value":2.5}]}}""", "40021234b136122d16ff080014c800083ff8000000000000c304010203c215ff7f08010bc800084004000000000000")]
    [InlineData("create of nothing", BareDevice.Objects, """{"msgType":"create","data":{"basePath":"/5","content":[]}}""", "40021234b135122d16")]
    [InlineData("delete", BareDevice.Objects, """{"msgType":"delete","data":{"path":"/5/0"}}""", "40041234b1350130")]
    [InlineData("observe", BareDevice.Objects, """{"msgType":"observe","data":{"path":"/3/0/10"}}""", "40011234610051330130023130")]
    [InlineData("cancel-observe", BareDevice.Objects, """{"msgType":"cancel-observe","data":{"path":"/3/0/10"}}""", "40011234610151330130023130")]
    public async Task Frame(string row, string objects, string command, string frame)
    {
        using var story = await BeginAsync(objects);
        await story.CommandAsync(command);
        var request = await story.Device.ExpectAsync();
        Assert.Equal(8, request.Token.Length);
        var bare = request with { Id = 0x1234, Token = [], Options = [.. request.Options.Select(WithOneByte)] };
        Assert.Equal((row, frame), (row, Convert.ToHexStringLower(bare.ToBytes())));
        await story.Device.AnswerAsync(request, Datagram.NotFound);
        await story.HearAsync("up/resp");
    }

    [Fact]
    public async Task Alternate_path_of_two_levels_is_two_segments()
    {
        using var story = await BeginAsync("""</a/b>;rt="oma.lwm2m",</a/b/3/0>""");
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"}}""", "CON GET 11=a 11=b 11=3 11=0 11=0", Datagram.NotFound, []);
        await story.HearAsync("up/resp");
    }

    [Theory]
    [InlineData("3/0/0")]
    [InlineData("/3/0/0/")]
    [InlineData("//3/0/0//")]
    public async Task Slashes_at_the_ends_of_a_path_do_not_matter_and_come_back(string path)
    {
        using var story = await BeginAsync();
        await story.CommandAsync("{\"msgType\":\"read\",\"data\":{\"path\":\"" + path + "\"}}", "CON GET 11=3 11=0 11=0", Datagram.NotFound, []);
        await story.HearAsync("up/resp", "{\"data\":{\"code\":\"4.04\",\"codeMsg\":\"not_found\",\"reqPath\":\"" + path + "\"},\"msgType\":\"read\"}");
    }

    /// <summary>Formats that EMQX does not have.</summary>
    [Theory]
    [InlineData("firmware as bytes", """{"msgType":"write","data":{"path":"/5/0/0","format":"opaque","value":"AQIDBA=="}}""", "CON PUT 11=5 11=0 11=0 12=42 | 01020304")]
    [InlineData("text", """{"msgType":"write","data":{"path":"/3/0/14","format":"text","value":"+01"}}""", "CON PUT 11=3 11=0 11=14 12=0 | 2b3031")]
    [InlineData("JSON", """{"msgType":"write","data":{"path":"/3/0/14","format":"json","value":"+01"}}""", "CON PUT 11=3 11=0 11=14 12=11543 | 7b22626e223a222f332f302f3134222c2265223a5b7b227376223a222b3031227d5d7d")]
    [InlineData("asking for JSON", """{"msgType":"read","data":{"path":"/3/0","format":"json"}}""", "CON GET 11=3 11=0 17=11543")]
    [InlineData("observing in text", """{"msgType":"observe","data":{"path":"/3/0/9","format":"text"}}""", "CON GET 6=0 11=3 11=0 11=9 17=0")]
    [InlineData("a resource instance", """{"msgType":"write","data":{"path":"/3/0/6/1","value":5}}""", "CON PUT 11=3 11=0 11=6 11=1 12=11542 | 410105")]
    public async Task Frame_with_a_format(string row, string command, string said)
    {
        using var story = await BeginAsync();
        await story.CommandAsync(command);
        var request = await story.Device.ExpectAsync();
        Assert.Equal((row, said), (row, request.Said));
        await story.Device.AnswerAsync(request, Datagram.NotFound);
        await story.HearAsync("up/resp");
    }

    static (int, byte[]) WithOneByte((int Number, byte[] Value) option) =>
        option is { Number: Datagram.Observe or Datagram.ContentFormat, Value.Length: 0 } ? (option.Number, [0]) : option;
}
