namespace Contracts.Configuration;

/// <summary>Which Updates become an event.</summary>
public enum UpdateMsgPublishCondition
{
    Always,

    /// <summary>Only those that carry an object list.</summary>
    ContainsObjectList,
}
