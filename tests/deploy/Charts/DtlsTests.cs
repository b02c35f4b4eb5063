using Hosting;
using k8s.Models;

namespace Pipeline.DeployTests.Charts;

/// <summary>Certificates, keys and credentials of devices: from Secrets into Ingress, and nowhere else.</summary>
public sealed class DtlsTests(Helm helm)
{
    static readonly string[] Secrets = ["lwm2m-dtls", "lwm2m-devices-ca", "lwm2m-credentials"];

    [Fact]
    public async Task Every_file_that_the_configuration_names_is_one_that_Ingress_has_mounted()
    {
        var rendered = await helm.RenderAsync("dtls-values.yaml");
        var pod = rendered.All<V1StatefulSet>().Single().Spec.Template.Spec;
        var mounts = pod.Containers.Single().VolumeMounts;
        var configuration = await ReadAsync(rendered);
        var (psk, certs) = (configuration.Lwm2m.Listeners.Dtls["default"], configuration.Lwm2m.Listeners.Dtls["certs"]);
        string[] files = [certs.DtlsOptions.Certfile!, certs.DtlsOptions.Keyfile!, certs.DtlsOptions.Cacertfile!, configuration.Credentials.File!];

        Assert.Equal(["lwm2m-dtls tls.crt", "lwm2m-dtls tls.key", "lwm2m-devices-ca ca.crt", "lwm2m-credentials credentials.json"], files.Select(SourceOf));
        Assert.Equal(("verify_peer", 2, "urn:dev:${identity}"), (certs.DtlsOptions.Verify, certs.DtlsOptions.Depth, configuration.Credentials.X509Endpoint));
        Assert.Equal((null, null, "verify_none"), (psk.DtlsOptions.Certfile, psk.DtlsOptions.Keyfile, psk.DtlsOptions.Verify));
        Assert.Equal((5784, 5786, false), (psk.Bind.Port, certs.Bind.Port, configuration.Lwm2m.Listeners.Udp.Values.Any(listener => listener.Enable)));

        string SourceOf(string file)
        {
            // A folder, not a file of it: what is mounted as a file does not follow its Secret.
            var mount = mounts.Single(m => file.StartsWith(m.MountPath + "/", StringComparison.Ordinal));
            Assert.True(mount.ReadOnlyProperty);
            Assert.Null(mount.SubPath);
            var secret = pod.Volumes.Single(volume => volume.Name == mount.Name).Secret;
            Assert.Equal(0x120, secret.DefaultMode); // 0440
            return $"{secret.SecretName} {file[(mount.MountPath.Length + 1)..]}";
        }
    }

    [Fact]
    public async Task No_other_pod_and_no_other_container_sees_them()
    {
        var rendered = await helm.RenderAsync("dtls-values.yaml");
        foreach (var (name, labels, pod) in rendered.Pods)
        {
            var volumes = (pod.Volumes ?? []).Where(volume => Secrets.Contains(volume.Secret?.SecretName)).Select(volume => volume.Name).ToList();
            Assert.Equal(labels["app.kubernetes.io/component"] == "ingress" ? 3 : 0, volumes.Count);
            Assert.All(pod.InitContainers ?? [], container => Assert.Empty(container.VolumeMounts.Select(mount => mount.Name).Intersect(volumes)));
        }
    }

    [Fact]
    public async Task Devices_reach_every_listener_through_Service_and_policy()
    {
        var rendered = await helm.RenderAsync("dtls-values.yaml", "--set", "ingress.service.type=NodePort,ingress.listeners.dtls.default.nodePort=31784,ingress.service.perPod=true");
        var service = rendered.One<V1Service>("fleet-lwm2m-gateway-ingress");
        Assert.Equal([("dtls-certs", 5786, null), ("dtls-default", 5784, 31784)], service.Spec.Ports.Select(port => (port.Name, port.Port, port.NodePort)));
        // One node port is for one Service.
        Assert.All(rendered.One<V1Service>("fleet-lwm2m-gateway-ingress-1").Spec.Ports, port => Assert.Null(port.NodePort));
        // What is open to some pods alone is for replicas among each other.
        var open = rendered.One<V1NetworkPolicy>("fleet-lwm2m-gateway-ingress").Spec.Ingress.Where(rule => rule.FromProperty is null).SelectMany(rule => rule.Ports).Where(port => port.Protocol == "UDP");
        Assert.Equal(["5784", "5786"], open.Select(port => port.Port.Value).Order());
    }

    [Fact]
    public async Task A_raw_public_key_alone_needs_no_certificate_and_who_wants_to_ask_nobody_is_not_overruled()
    {
        var rendered = await helm.RenderAsync("dtls-values.yaml", "--set",
            "ingress.dtls.certificateKey=,config.gateway.lwm2m.listeners.dtls.certs.dtls_options.verify=verify_none");
        var options = (await ReadAsync(rendered)).Lwm2m.Listeners.Dtls["certs"].DtlsOptions;
        Assert.Equal((null, "/etc/lwm2m/dtls/certs/tls.key", "verify_none"), (options.Certfile, options.Keyfile, options.Verify));
    }

    static async Task<Contracts.Configuration.GatewayConfiguration> ReadAsync(Rendered rendered)
    {
        var file = Path.GetTempFileName();
        try
        {
            var map = rendered.All<V1ConfigMap>().Single(map => map.Metadata.Name.EndsWith("-config", StringComparison.Ordinal));
            await File.WriteAllTextAsync(file, map.Data["gateway.conf"], TestContext.Current.CancellationToken);
            var configuration = ConfigurationFiles.Read([file], out var doubtful);
            Assert.Empty(doubtful);
            return configuration;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
