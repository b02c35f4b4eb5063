namespace Pipeline.DeployTests.Charts;

/// <summary>Values that cannot work are refused, with a sentence that says what to do.</summary>
public sealed class RefusalTests(Helm helm)
{
    [Theory]
    [InlineData("kafka.bootstrapServers=", "kafka.bootstrapServers is needed: --set")]
    [InlineData("kafka.bootstrapServers=kafka", "has no port")]
    [InlineData("mqtt.server=", "mqtt.server is needed")]
    [InlineData("mqtt.server=broker:1883", "is no URL")]
    [InlineData("mqtt.server=mqtt://user:word@broker", "mqtt.existingSecret")]
    [InlineData("mqtt.tls.caSecret=ca", "does not begin with mqtts://")]
    [InlineData("kafka.securityProtocol=sasl_ssl", "name kafka.sasl.mechanism")]
    [InlineData("kafka.sasl.mechanism=PLAIN", "set it to sasl_ssl")]
    [InlineData("kafka.sasl.mechanism=PLAIN,kafka.securityProtocol=sasl_ssl", "needs a password")]
    [InlineData("kafka.tls.caSecret=ca", "set it to ssl")]
    [InlineData("kafka.strimzi.users.enabled=true", "kafka.strimzi.cluster")]
    [InlineData("ingress.replicaCount=65", "each replica needs a slot of its own")]
    [InlineData("ingress.autoscaling.enabled=true,ingress.autoscaling.maxReplicas=100", "each replica needs a slot of its own")]
    [InlineData("ingress.autoscaling.enabled=true,ingress.autoscaling.minReplicas=9", "above maxReplicas")]
    [InlineData("translator.keda.enabled=true,translator.keda.maxReplicaCount=25", "more replicas than partitions")]
    [InlineData("egress.keda.enabled=true,egress.keda.minReplicaCount=9", "above maxReplicaCount")]
    [InlineData("dashboard.apiKeys.existingSecret=", "kubectl create secret generic")]
    [InlineData("dashboard.httpIngress.enabled=true", "dashboard.httpIngress.host")]
    [InlineData("ingress.hostNetwork=true,ingress.service.perPod=true", "has no meaning")]
    [InlineData("ingress.listeners.udp.other.port=5783", "udp.default and udp.other have the same port 5783")]
    [InlineData("ingress.listeners.dtls.default.port=5783", "udp.default and dtls.default have the same port 5783")]
    [InlineData("ingress.listeners.udp.default=null", "at least one listener")]
    [InlineData("ingress.listeners.udp.default=null,ingress.listeners.dtls.default.port=5784", "--set smokeTest.enabled=false")]
    [InlineData("config.gateway.lwm2m.listeners.dtls.psk.bind=5784", "add ingress.listeners.dtls.psk.port")]
    [InlineData("config.gateway.lwm2m.listeners.dtls.default.dtls_options.password=hunter2,ingress.listeners.dtls.default.port=5784", "existingConfigSecret")]
    [InlineData("ingress.forward.port=5783", "the listener udp.default has the same port")]
    [InlineData("definitions.existingConfigMap=a,definitions.volume.emptyDir.medium=Memory", "only one of")]
    [InlineData("config.ingress.token_key=x", "ingress.tokenKey.existingSecret")]
    [InlineData("config.ingress.slot=1", "the same slot")]
    [InlineData("config.gateway.lwm2m.clientinfo_override.password=hunter2", "existingConfigSecret")]
    [InlineData("kafka.client.sasl\\.oauthbearer\\.client\\.secret=hunter2", "existingConfigSecret")]
    public async Task Refused(string setting, string sentence) => await AssertRefusedAsync(setting, sentence);

    [Theory]
    [InlineData("ingress.replicaCont=3", "'replicaCont' not allowed")]
    [InlineData("replicaCount=3", "'replicaCount' not allowed")]
    [InlineData("ingress.replicaCount=many", "/ingress/replicaCount")]
    [InlineData("ingress.service.externalTrafficPolicy=Locl", "/ingress/service/externalTrafficPolicy")]
    [InlineData("ingress.listeners.udp.default.port=70000", "/ingress/listeners/udp/default/port")]
    [InlineData("ingress.listeners.dtls.default.certificateSecret=x", "/ingress/listeners/dtls/default")]
    [InlineData("ingress.listeners.dtls.Default.port=5784", "does not match pattern")]
    [InlineData("ingress.listeners.dtls.default.port=5784,ingress.listeners.dtls.default.certfile=x", "'certfile' not allowed")]
    [InlineData("ingress.credentials.key=a/b", "/ingress/credentials/key")]
    [InlineData("kafka.sasl.password=hunter2", "'password' not allowed")]
    [InlineData("mqtt.password=hunter2", "'password' not allowed")]
    [InlineData("config.kafka.partitions=3", "'kafka' not allowed")]
    [InlineData("translator.resources.limits=null", "/translator/resources")]
    [InlineData("egress.terminationGracePeriodSeconds=5", "/egress/terminationGracePeriodSeconds")]
    [InlineData("kafka.topicPrefix=a b", "/kafka/topicPrefix")]
    [InlineData("definitions.files.note\\.txt=x", "does not match pattern")]
    public async Task Refused_by_the_schema(string setting, string sentence) => await AssertRefusedAsync(setting, sentence);

    // EMQX's own way of handing on what a device said is no secret.
    [Fact]
    public async Task Placeholders_of_passwords_are_taken() =>
        Assert.Equal(0, (await helm.TemplateAsync(
            "default-values.yaml", Helm.Versions[^1], "--set", "config.gateway.lwm2m.authentication.body.password=$\\{password\\}")).Code);

    async Task AssertRefusedAsync(string setting, string sentence)
    {
        var said = await helm.TemplateAsync("default-values.yaml", Helm.Versions[^1], "--set", setting);
        Assert.NotEqual(0, said.Code);
        Assert.Contains(sentence, said.Error, StringComparison.Ordinal);
    }
}
