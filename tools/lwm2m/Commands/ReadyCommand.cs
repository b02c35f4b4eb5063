using System.CommandLine;

namespace Tools.Commands;

/// <summary><c>lwm2m ready</c>: asks a service whether it is ready, for health checks in images that have no other program.</summary>
static class ReadyCommand
{
    const int NotReady = 1;

    static readonly Argument<string> Url = new("url") { Description = "What to ask: http://127.0.0.1:18084/readyz" };
    static readonly Option<string> Within = Duration.Option("--timeout", "How long to wait for the answer.", "3s");

    public static Command Create()
    {
        Url.Validators.Add(static result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                result.AddError("The argument must be an http URL.");
        });
        var command = new Command("ready", "Ask a service whether it is ready. Exit code 0: it is; 1: it is not, or does not answer; what it says is told.") { Url, Within };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = Duration.Get(arguments, Within)!.Value };
        try
        {
            using var answer = await http.GetAsync(new Uri(arguments.GetRequiredValue(Url)), cancellation);
            Console.WriteLine((await answer.Content.ReadAsStringAsync(cancellation)).TrimEnd());
            return answer.IsSuccessStatusCode ? 0 : NotReady;
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            Console.Error.WriteLine(e.Message);
            return NotReady;
        }
    }
}
