using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Messaging;

/// <summary>
/// The functions of librdkafka's in-process cluster (rdkafka_mock.h), in the very library that Confluent.Kafka has loaded.
/// </summary>
internal static partial class MockCluster
{
    private const string Native = "librdkafka";

    // The names under which the package ships it, in the order in which Confluent.Kafka tries them.
    private static readonly string[] s_names = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];

#pragma warning disable CA2255 // resolving our own P/Invokes is what a module initializer is for
    [ModuleInitializer]
    internal static void Initialize() => NativeLibrary.SetDllImportResolver(typeof(MockCluster).Assembly, Resolve);
#pragma warning restore CA2255

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Native)
        {
            return IntPtr.Zero;
        }

        _ = Library.Version; // makes Confluent.Kafka choose first
        foreach (var candidate in s_names)
        {
            if (NativeLibrary.TryLoad(candidate, typeof(Library).Assembly, path, out var handle))
            {
                return handle;
            }
        }

        return IntPtr.Zero;
    }

    public const int ProducerHandle = 0;

    [LibraryImport(Native, EntryPoint = "rd_kafka_conf_new")]
    public static partial IntPtr NewConfiguration();

    [LibraryImport(Native, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Set(IntPtr configuration, string name, string value, [Out] byte[] error, nuint errorSize);

    [LibraryImport(Native, EntryPoint = "rd_kafka_new")]
    public static partial IntPtr NewClient(int type, IntPtr configuration, [Out] byte[] error, nuint errorSize);

    [LibraryImport(Native, EntryPoint = "rd_kafka_destroy")]
    public static partial void DestroyClient(IntPtr client);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_cluster_new")]
    public static partial IntPtr New(IntPtr client, int brokers);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    public static partial void Destroy(IntPtr cluster);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    public static partial IntPtr Bootstraps(IntPtr cluster);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateTopic(IntPtr cluster, string topic, int partitions, int replicas);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    public static partial void SetRebalanceDelay(IntPtr cluster, int milliseconds);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_broker_set_down")]
    public static partial int SetDown(IntPtr cluster, int broker);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_broker_set_up")]
    public static partial int SetUp(IntPtr cluster, int broker);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    public static partial int SetRoundTripTime(IntPtr cluster, int broker, int milliseconds);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    public static partial void PushRequestErrors(IntPtr cluster, short request, nuint count, int[] errors);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_clear_request_errors")]
    public static partial void ClearRequestErrors(IntPtr cluster, short request);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_partition_set_leader", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetLeader(IntPtr cluster, string topic, int partition, int broker);

    [LibraryImport(Native, EntryPoint = "rd_kafka_mock_coordinator_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetCoordinator(IntPtr cluster, string keyType, string key, int broker);
}
