using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class StandstillTests
{
    private readonly Standstill _standstill = new(most: 3);
    private int _asked;

    [Fact]
    public async Task It_lasts_when_so_many_looks_have_found_nothing_moved()
    {
        Assert.Equal((bool[])[false, false, false, true], await Look(7, 7, 7, 7));
        Assert.Equal((bool[])[false, false, true], await Look(7, 7, 7)); // told again when it lasts on
    }

    [Fact]
    public async Task Whatever_moves_or_is_no_longer_owed_begins_the_count_anew()
    {
        Assert.DoesNotContain(true, await Look(1, 1, 1, 2, 2, 2, null, 2, 2, 2, 1, 1, 1));
    }

    [Fact]
    public async Task Nobody_stands_still_while_nobody_is_answered()
    {
        await Look(1, 1, 1);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(await _standstill.LookAsync(1, () => Task.FromResult(false)));
        }

        Assert.Equal((bool[])[false, false, true], await Look(1, 1, 1)); // the outage is not counted
    }

    [Fact]
    public async Task Who_moves_costs_no_question()
    {
        await Look(1, 2, 3, null, 4);
        Assert.Equal(0, _asked);
    }

    private async Task<bool[]> Look(params long?[] progress)
    {
        var lasts = new List<bool>();
        foreach (var at in progress)
        {
            lasts.Add(await _standstill.LookAsync(at, () =>
            {
                _asked++;
                return Task.FromResult(true);
            }));
        }

        return [.. lasts];
    }
}
