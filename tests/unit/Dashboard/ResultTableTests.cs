using Contracts;
using Dashboard.Results;

namespace Pipeline.Tests.Dashboard;

public sealed class ResultTableTests
{
    readonly ResultTable _table;
    int _evicted;

    public ResultTableTests() => _table = new ResultTable(() => _evicted++);

    [Fact]
    public void A_path_is_one_however_it_is_written()
    {
        Answer("e", "3/0/0?a=b", "c1", 1);
        Assert.NotNull(Find("e", "/3/0/0/"));
        Assert.Null(_table.Find("e", "/3/0/0", "write", answered: true));
        Assert.Null(Find("f", "/3/0/0"));
    }

    [Fact]
    public void A_new_request_takes_back_the_old_result_but_not_its_own_or_a_later_one()
    {
        Answer("e", "/3/0/0", "c1", 10);
        _table.Asked("e", "/3/0/0", "read", "c1", 12); // its record was read after its outcome
        Assert.NotNull(Find("e", "/3/0/0"));
        _table.Asked("e", "/3/0/0", "read", "c0", 9); // an older one, read late
        Assert.NotNull(Find("e", "/3/0/0"));
        _table.Asked("e", "/3/0/0", "read", "c2", 11);
        Assert.Null(Find("e", "/3/0/0"));
        Assert.NotNull(_table.Find("e", "/3/0/0", "read", answered: false));
        Answer("e", "/3/0/0", "c2", 13);
        Assert.NotNull(Find("e", "/3/0/0"));
    }

    [Fact]
    public void Of_each_device_the_oldest_makes_room()
    {
        for (var i = 0; i <= ResultTable.MostOfDevice; i++)
            Answer("e", $"/1/{i}", $"c{i}", i);
        Answer("f", "/1/0", "x", 0);
        Assert.Null(Find("e", "/1/0"));
        Assert.NotNull(Find("e", "/1/1"));
        Assert.Equal((ResultTable.MostOfDevice + 1, 1), (_table.Count, _evicted));
    }

    [Fact]
    public void Of_all_the_oldest_makes_room()
    {
        var large = new byte[900_000];
        for (var i = 0; i < 100; i++)
            _table.Answered($"e{i}", "/1", "read", large, $"id{i}", i);
        Assert.InRange(_table.Bytes, 1, ResultTable.MostBytes);
        Assert.Null(_table.Find("e0", "/1", "read", answered: true));
        Assert.NotNull(_table.Find("e99", "/1", "read", answered: true));
        Assert.Equal(100, _table.Count + _evicted);

        _table.Answered("e99", "/1", "read", new byte[2 * 1024 * 1024], "huge", 1000); // of itself larger than it is worth
        Assert.Equal("id99", _table.Find("e99", "/1", "read", answered: true)!.EventId);
    }

    void Answer(string endpoint, string path, string command, long at) =>
        _table.Answered(endpoint, path, "read", "{}"u8.ToArray(), EventId.OfOutcome(command).ToString(), at);

    RecordedResult? Find(string endpoint, string path) => _table.Find(endpoint, path, "read", answered: true);
}
