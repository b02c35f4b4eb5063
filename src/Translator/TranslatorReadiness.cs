using Hosting;

namespace Translator;

internal sealed class TranslatorReadiness(TranslatorService service) : IReadiness
{
    public string Name => "translator.kafka";

    public bool Ready => service.Trouble is null;

    public string? Reason => service.Trouble;
}
