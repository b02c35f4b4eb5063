using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>Standalone with the block that EMQX's examples show: all events but notifications on up/resp, nothing observed by itself.</summary>
public sealed class EmqxFixture : StandaloneFixture
{
    private protected override string Configuration => """
        gateway.lwm2m {
          xml_dir = "etc/lwm2m_xml"
          lifetime_min = 1s
          lifetime_max = 86400s
          qmode_time_window = 1s
          auto_observe = false
          update_msg_publish_condition = always
          mountpoint = "lwm2m/${endpoint_name}/"
          translators {
            command { topic = "dn/#", qos = 0 }
            response { topic = "up/resp", qos = 0 }
            notify { topic = "up/notify", qos = 0 }
            register { topic = "up/resp", qos = 0 }
            update { topic = "up/resp", qos = 0 }
          }
          listeners.udp.default { bind = "127.0.0.1:0", max_connections = 1024, max_conn_rate = 1000 }
        }
        """;
}
