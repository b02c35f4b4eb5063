using System.CommandLine;

namespace Tools.Commands;

/// <summary><c>lwm2m completion</c>: a script that teaches a shell to complete this tool's commands, options and values.</summary>
static class CompletionCommand
{
    static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    static readonly Argument<string> Shell = new("shell") { Description = string.Join(", ", Shells) };
    static readonly Option<int> Position = new("--position") { Description = "Of the cursor in the line." };
    static readonly Argument<string> Line = new("line") { Description = "What has been typed." };

    public static Command Create()
    {
        Shell.AcceptOnlyFromAmong(Shells);
        var command = new Command("completion", """
            Print a script that completes commands, options and their values in a shell.

            Examples:
              source <(lwm2m completion bash)                                  # in ~/.bashrc
              source <(lwm2m completion zsh)                                   # in ~/.zshrc, after compinit
              lwm2m completion fish > ~/.config/fish/completions/lwm2m.fish
              lwm2m completion pwsh | Out-String | Invoke-Expression           # in $PROFILE

            Exit code: 0 it is printed, 2 no such shell.
            """)
        {
            Shell,
        };
        command.SetAction(arguments => Console.Write(ScriptOf(arguments.GetRequiredValue(Shell))));
        return command;
    }

    /// <summary><c>lwm2m complete</c>, not listed in the help: what the scripts ask.</summary>
    public static Command CreateAsked(RootCommand root)
    {
        var command = new Command("complete", "Say what could stand at a position of a command line.") { Position, Line };
        command.Hidden = true;
        command.SetAction(arguments =>
        {
            foreach (var candidate in Candidates(root, arguments.GetRequiredValue(Line), arguments.GetValue(Position)))
                Console.WriteLine(candidate);
        });
        return command;
    }

    /// <summary>What could stand at the position in a line that begins with the name of the tool.</summary>
    public static IReadOnlyList<string> Candidates(RootCommand root, string line, int position)
    {
        line = line.PadRight(Math.Max(position, 0));
        position = Math.Clamp(position, 0, line.Length);
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || position <= space)
            return [];
        var rest = line[(space + 1)..];
        var at = position - space - 1;
        return [.. root.Parse(rest).GetCompletions(at).Select(item => item.InsertText ?? item.Label).Where(text => !text.StartsWith('/') && text is not "-?").Distinct()];
    }

    public static string ScriptOf(string shell) => shell switch
    {
        "bash" => """
            _lwm2m() {
                local candidates
                candidates=$(lwm2m complete --position "$COMP_POINT" -- "$COMP_LINE" 2> /dev/null)
                mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "${COMP_WORDS[COMP_CWORD]}")
            }
            # Files where the tool knows nothing better.
            complete -o default -F _lwm2m lwm2m

            """,
        "zsh" => """
            _lwm2m() {
                local -a candidates
                candidates=("${(@f)$(lwm2m complete --position "$CURSOR" -- "$BUFFER" 2> /dev/null)}")
                if [[ -n "${candidates[1]}" ]]; then compadd -- "${candidates[@]}"; else _files; fi
            }
            compdef _lwm2m lwm2m

            """,
        "fish" => """
            function __lwm2m_complete
                set -l line (commandline -cp)
                lwm2m complete --position (string length -- "$line") -- "$line" 2> /dev/null
            end
            complete -c lwm2m -a '(__lwm2m_complete)'

            """,
        _ => """
            Register-ArgumentCompleter -Native -CommandName lwm2m -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                lwm2m complete --position $cursorPosition -- "$commandAst" 2> $null | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }

            """,
    };
}
