namespace Pipeline.IntegrationTests.Gateways;

/// <summary>
/// Standalone with another usual pair of mountpoint and topics, that observes all it can, and tells only of Updates with an object list.
/// </summary>
public sealed class UsualPairFixture : StandaloneFixture
{
    private protected override string Configuration => """
        gateway.lwm2m {
          lifetime_min = 1s
          auto_observe = true
          update_msg_publish_condition = contains_object_list
          mountpoint = "lwm2m/${username}"
          translators {
            command { topic = "/dn/#" }
            response { topic = "/up/resp" }
            notify { topic = "/up/notify" }
            register { topic = "/up/resp" }
            update { topic = "/up/resp" }
          }
          listeners.udp.default { bind = "127.0.0.1:0" }
        }
        """;
}
