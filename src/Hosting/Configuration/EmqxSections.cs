namespace Hosting.Configuration;

/// <summary>Root sections of an emqx.conf that are not ours and are no slips of the pen.</summary>
internal static class EmqxSections
{
    static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "actions", "alarm", "api_key", "authentication", "auto_subscribe", "bridges", "broker", "cluster", "conn_congestion", "connectors",
        "crl_cache", "dashboard", "delayed", "durable_sessions", "durable_storage", "exhook", "file_transfer", "flapping_detect",
        "force_gc", "force_shutdown", "limiter", "license", "listeners", "message_transformation", "node",
        "overload_protection", "plugins", "prometheus", "psk_authentication", "retainer", "rewrite", "rpc", "rule_engine",
        "schema_registry", "schema_validation", "slow_subs", "sources", "stats", "statsd", "sys_topics", "sysmon", "tcp", "telemetry",
        "topic_metrics", "trace", "zones",
    };

    public static bool Contains(string name) => Names.Contains(name);
}
