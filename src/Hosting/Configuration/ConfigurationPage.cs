namespace Hosting.Configuration;

/// <summary>What docs/configuration.md says beside the keys.</summary>
internal static class ConfigurationPage
{
    /// <summary>The sections that have a table of their own, the longer path first.</summary>
    public static readonly string[] Sections =
    [
        "gateway.lwm2m.listeners.udp.NAME", "gateway.lwm2m.listeners.dtls.NAME", "gateway.lwm2m.authentication", "gateway.lwm2m",
        "authorization", "kafka", "mqtt", "http", "ingress", "translator", "egress", "credentials", "opentelemetry", "log",
    ];

    public const string Preamble = """
        # Configuration

        <!-- Made from the records in src/Contracts/Configuration; a test compares the two. After a change there:
             dotnet run --project src/Standalone -- --help=markdown > docs/configuration.md -->

        Every service and Standalone take the same files and switches, and read what concerns them. Of several sources that
        give a key, the last one of this list wins:

        1. the defaults below
        2. `--config FILE`, as often as one likes: HOCON as EMQX writes it, or JSON
        3. environment variables: `GATEWAY__LWM2M__XML_DIR=/etc/lwm2m`, `KAFKA__BOOTSTRAP_SERVERS=kafka:9092`
        4. the command line: `--gateway:lwm2m:xml_dir=/etc/lwm2m`
        5. what was changed at run time, over the management API or on the topic `config` (see kafka.md)

        A `gateway.lwm2m { ... }` block of an EMQX installation works as it stands; so does a whole `emqx.conf`, whose other
        sections are passed over. `--help` prints all keys, `--config FILE` with an error prints every problem at once and ends
        with exit code 2.

        ```hocon
        gateway.lwm2m {
          xml_dir = "lwm2m_xml"
          lifetime_min = 15s
          auto_observe = ["/3/0", "/3303/0"]
          mountpoint = "lwm2m/${endpoint_name}/"
          listeners.udp.default { bind = 5783 }
        }
        kafka.bootstrap_servers = "kafka-1:9092,kafka-2:9092"
        mqtt.server = "mqtt://broker:1883"
        ```

        How values are written:

        | Type | Examples |
        |---|---|
        | duration | `100ms`, `30s`, `15m`, `2h`, `1d`, `1h30m`; a plain number is milliseconds (seconds for `qmode_time_window`), as EMQX takes it |
        | size | `1024`, `512KB`, `4MB`, in powers of 1024 |
        | rate | `1000/s`, `60/1m`, `1000`, `infinity` |
        | part of all | `10%`, `0.1` |
        | port or address:port | `5783` and `":5783"` (all addresses, IPv4 and IPv6), `"127.0.0.1:5783"`, `"[::1]:5783"` |
        | list | `["a", "b"]`, or `"a,b"` |
        | path | relative paths are tried from the configuration file's folder, then from the working folder |

        What is unusable (type, range, bind) refuses to start. What is doubtful starts with a warning that says how it was taken: an
        unknown key, an unknown placeholder, `auto_observe = "bogus"` (observes nothing), an `xml_dir` that does not exist (the shipped
        definitions). A key that is marked *not in force yet* is accepted and warned about when it is set to something else than its
        default. `${...}` in quotes is text; outside quotes it stands for the value of that key, and for itself where there is none.

        Files are looked at every two seconds. Keys marked *Live* change while running; a change of any other key is reported and
        waits for the next start; a file with a problem changes nothing.

        HOCON is read by a parser of our own: `include` and `+=` are not known, all else that EMQX writes is. It was preferred to
        the one inside Akka.NET, which took unclosed quotes and braces for complete, did not end on some texts (`bind = [::]:5783`
        without quotes), and gives no line numbers. The tests compare the two on well-formed files.

        """;

    public static string DocOf(string section) => section switch
    {
        "gateway.lwm2m.listeners.udp.NAME" => 
            "CoAP over UDP; NAME is a letter, then letters, digits, `_` and `-`. Where no listener is configured there is one: `default` on 5783.",
        "gateway.lwm2m.listeners.dtls.NAME" => "CoAP over DTLS.",
        "gateway.lwm2m.authentication" => 
            "Authenticator of all listeners; `listeners.udp.NAME.authentication` has the same keys. Further keys of EMQX are passed over.",
        _ => SchemaSection.Root.Keys.FirstOrDefault(k => k.Name == section)?.Doc ?? "",
    };
}
