using System.Runtime.CompilerServices;
using Contracts;
using Google.Protobuf;

namespace Tools.Traffic;

/// <summary>Traffic as `replay --as traffic` writes it: one event in each line, as the JSON that Protobuf defines. In the order of the file.</summary>
sealed class FileTraffic(string path, TrafficSelection selection) : ITrafficSource
{
    static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public long Unreadable { get; private set; }

    public static string Write(UplinkEvent happened) => JsonFormatter.Default.Format(happened);

    public static UplinkEvent? Parse(string line)
    {
        try
        {
            return Parser.Parse<UplinkEvent>(line);
        }
        catch (Exception malformed) when (malformed is InvalidProtocolBufferException or InvalidJsonException)
        {
            return null;
        }
    }

    public async IAsyncEnumerable<(UplinkEvent Event, T Result)> ReadAsync<T>(
        Func<UplinkEvent, T> work, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var context = new TrafficContext(selection);
        await foreach (var line in File.ReadLinesAsync(path, cancellation))
        {
            if (line.Length == 0)
                continue;
            if (Parse(line) is not { Endpoint.Length: > 0 } happened)
            {
                Unreadable++;
                continue;
            }

            foreach (var wanted in context.Take(happened))
                yield return (wanted, work(wanted));
        }
    }
}
