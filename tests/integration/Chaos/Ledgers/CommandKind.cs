namespace Pipeline.IntegrationTests.Chaos.Ledgers;

enum CommandKind : byte
{
    Read,
    Write,
    Execute,
}
