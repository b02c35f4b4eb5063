using Contracts;
using Contracts.Configuration;
using Pipeline.Tests.Lwm2m;

namespace Pipeline.Tests.Contracts;

/// <summary>docs/operations.md says of every topic who needs which rights on it, and what to do when it is lost.</summary>
public sealed class TopicPagesTests
{
    public static TheoryData<string> Kinds => [.. new Topics("x").Specs(new KafkaOptions(), embedded: false).Select(spec => spec.Name["x.".Length..])];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_topic_has_its_row_about_loss_and_somebody_with_rights(string topic)
    {
        Assert.Contains($"\n| `{topic}` |", Section("Disaster recovery"), StringComparison.Ordinal);
        Assert.Contains($"`{topic}`", Section("Rights"), StringComparison.Ordinal);
    }

    static string Section(string heading)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));
        var from = page.IndexOf($"\n## {heading}\n", StringComparison.Ordinal) + 1;
        Assert.True(from > 0, heading);
        var to = page.IndexOf("\n## ", from, StringComparison.Ordinal);
        return page[from..(to < 0 ? page.Length : to)];
    }
}
