namespace Pipeline.Tests.Hosting;

/// <summary>A block with every key that EMQX's LwM2M gateway knows, as an operator would have it.</summary>
internal static class EmqxBlock
{
    public const string Text = """
        ## LwM2M gateway
        gateway.lwm2m {
          enable = true
          enable_stats = on
          idle_timeout = 30s
          xml_dir = "etc/lwm2m_xml"
          lifetime_min = 1s            # as short as tests need
          lifetime_max = 86400s
          qmode_time_window = 22
          auto_observe = "/3/0,/4/0"
          update_msg_publish_condition = contains_object_list
          mountpoint = "lwm2m/${username}"
          coap_max_block_size = 512
          blockwise { enable = true, max_body_size = 2MB, exchange_lifetime = 247s }
          translators {
            command { topic = "/dn/#", qos = 0 }
            response { topic = "/up/resp", qos = 0 }
            notify { topic = "/up/notify", qos = 1 }
            register { topic = "/up/resp", qos = 0 }
            update { topic = "/up/resp", qos = 2 }
          }
          clientinfo_override { username = "${cn}", password = "secret" }
          authentication {
            mechanism = password_based
            backend = http
            method = post
            url = "http://127.0.0.1:8080/auth"
            headers { content-type = "application/json" }
            body { clientid = "${clientid}", username = "${username}" }
            pool_size = 8
            request_timeout = "5s"
            ssl { enable = false }
          }
          listeners {
            udp {
              default {
                bind = "0.0.0.0:5783"
                max_connections = infinity
                max_conn_rate = "1000/s"
                enable_authn = true
                access_rules = ["allow all"]
                health_check { request = "ping", reply = "pong" }
                udp_options { active_n = 100, recbuf = 4MB, sndbuf = "1KB", buffer = 64KB, reuseaddr = true }
              }
              second { bind = 5793, mountpoint = "second/${peerhost}/" }
            }
            dtls.default {
              bind = 5784
              acceptors = 4
              dtls_options {
                versions = ["dtlsv1.2"]
                cacertfile = "${EMQX_ETC_DIR}/certs/cacert.pem"
                certfile = "etc/certs/cert.pem"
                keyfile = "etc/certs/key.pem"
                verify = verify_peer
                fail_if_no_peer_cert = true
                depth = 10
                handshake_timeout = 15s
                user_lookup_fun = "emqx_tls_psk:lookup"
              }
            }
          }
        }
        authorization {
          no_match = allow
          deny_action = ignore
          cache { enable = true, max_size = 32, ttl = 1m }
          sources = [
            { type = http, enable = true, method = post, url = "http://127.0.0.1:8080/acl", body { topic = "${topic}" } }
            { type = file, path = "etc/acl.conf" }
          ]
        }
        node { name = "emqx@127.0.0.1" }
        dashboard { listeners.http { bind = 18083 } }
        gateway.coap { enable = true }
        """;
}
