using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>Standalone with a mountpoint of its own for each listener, and the state of devices kept.</summary>
public sealed class VariedFixture : StandaloneFixture
{
    private protected override string Configuration => """
        gateway.lwm2m {
          lifetime_min = 1s
          qmode_time_window = 1
          mountpoint = "m/${username}/${clientid}/"
          translators {
            command { topic = "down/+/cmd", qos = 2 }
            register { topic = "up/register", qos = 1 }
            notify { topic = "up/notify", qos = 2 }
            response { topic = "up/resp", qos = 0 }
            update { topic = "up/update" }
            lifecycle { topic = "up/end" }
            online { topic = "up/online", qos = 1 }
          }
          listeners.udp {
            default { bind = "127.0.0.1:0" }
            name { bind = "127.0.0.1:0", mountpoint = "n/${endpoint_name}/" }
            peer { bind = "127.0.0.1:0", mountpoint = "p/${peerhost}/${endpoint_name}/" }
            zone { bind = "127.0.0.1:0", mountpoint = "z/${zone}/${endpoint_name}/" }
            attribute { bind = "127.0.0.1:0", mountpoint = "a/${client_attrs.tenant}/${endpoint_name}/" }
            literal { bind = "127.0.0.1:0", mountpoint = "l/${endpoint_namea}/%e/${endpoint_name}/" }
            seamless { bind = "127.0.0.1:0", mountpoint = "s/${endpoint_name}-" }
            shared { bind = "127.0.0.1:0", mountpoint = "shared/" }
          }
        }
        """;
}
