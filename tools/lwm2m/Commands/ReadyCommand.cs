using System.CommandLine;
using System.Text.Json;
using Tools.Output;

namespace Tools.Commands;

/// <summary><c>lwm2m ready</c>: asks a service whether it is ready, for health checks in images that have no other program.</summary>
static class ReadyCommand
{
    const int NotReady = 1;

    static readonly Argument<string> Url = new("url") { Description = "What to ask: http://127.0.0.1:18084/readyz" };
    static readonly Option<string> Within = Duration.Option("--timeout", "How long to wait for the answer.", "3s");

    static readonly Option<bool> AsJson = new("--json") { Description = "One line of JSON: whether it is ready, the status, and what it says." };

    public static Command Create()
    {
        Url.Validators.Add(static result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                result.AddError("The argument must be an http URL.");
        });
        var command = new Command("ready", """
            Ask a service whether it is ready, and tell what it says.

            Example:
              lwm2m ready http://127.0.0.1:18084/readyz --timeout 1s

            Exit code: 0 it is, 1 it is not, or does not answer, 2 wrong use.
            """)
        {
            Url, Within, AsJson,
        };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = Duration.Get(arguments, Within)!.Value };
        var json = arguments.GetValue(AsJson);
        try
        {
            using var answer = await http.GetAsync(new Uri(arguments.GetRequiredValue(Url)), cancellation);
            var said = (await answer.Content.ReadAsStringAsync(cancellation)).TrimEnd();
            Console.WriteLine(json ? Json(answer.IsSuccessStatusCode, (int)answer.StatusCode, said) : said);
            return answer.IsSuccessStatusCode ? 0 : NotReady;
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            if (json)
                Console.WriteLine(Json(isReady: false, status: null, e.Message));
            else
                Console.Error.WriteLine(e.Message);
            return NotReady;
        }
    }

    static string Json(bool isReady, int? status, string said) => JsonSerializer.Serialize(new { Ready = isReady, Status = status, Said = said }, OutputJson.Line);
}
