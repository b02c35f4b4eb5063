using System.Runtime.CompilerServices;
using Contracts;
using Google.Protobuf;

namespace Tools.Captures;

/// <summary>Datagrams as `pcap export --as capture` writes them: one in each line, as the JSON that Protobuf defines. In the order of the file.</summary>
sealed class FileCapture(string path, CaptureSelection selection) : ICaptureSource
{
    static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public long Unreadable { get; private set; }

    public static string Write(CapturedDatagram captured) => JsonFormatter.Default.Format(captured);

    public async IAsyncEnumerable<CapturedDatagram> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var line in File.ReadLinesAsync(path, cancellation))
        {
            if (line.Length == 0)
                continue;
            if (Parse(line) is not { } captured || !KafkaCapture.IsSound(captured))
                Unreadable++;
            else if (selection.Wants(captured))
                yield return captured;
        }
    }

    static CapturedDatagram? Parse(string line)
    {
        try
        {
            return Parser.Parse<CapturedDatagram>(line);
        }
        catch (Exception malformed) when (malformed is InvalidProtocolBufferException or InvalidJsonException)
        {
            return null;
        }
    }
}
