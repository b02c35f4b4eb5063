namespace Hosting.Configuration;

/// <summary>What a key holds.</summary>
internal enum SchemaKind
{
    Text,
    Flag,
    Whole,
    Real,
    Duration,
    Choice,
    Address,
    Observations,
    Rule,
    Section,
    List,
    Map,
}
