using k8s;
using k8s.Models;
using YamlDotNet.Serialization;

namespace Pipeline.DeployTests.Charts;

/// <summary>The objects that a chart became: those of Kubernetes read strictly (an unknown field fails), those of operators as they are.</summary>
sealed class Rendered
{
    public Rendered(string text)
    {
        foreach (var document in text.Split("\n---\n").Select(part => part.Trim()).Where(IsObject))
        {
            var group = Line(document, "apiVersion").Split('/')[0];
            if (group.Contains('.') && !group.EndsWith(".k8s.io", StringComparison.Ordinal))
                Custom.Add(new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(document));
            else
                Objects.AddRange(KubernetesYaml.LoadAllFromString(document, null, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>());
        }
    }

    public List<IKubernetesObject<V1ObjectMeta>> Objects { get; } = [];

    /// <summary>Custom resources, as maps.</summary>
    public List<Dictionary<string, object>> Custom { get; } = [];

    public IEnumerable<T> All<T>() => Objects.OfType<T>();

    public T One<T>(string name) where T : IKubernetesObject<V1ObjectMeta> => All<T>().Single(o => o.Metadata.Name == name);

    /// <summary>Pods by the name of what makes them.</summary>
    public IEnumerable<(string Name, IDictionary<string, string> Labels, V1PodSpec Spec)> Pods =>
        Objects.Select(o => o switch
        {
            V1StatefulSet set => (o.Metadata.Name, set.Spec.Template.Metadata.Labels, set.Spec.Template.Spec),
            V1Deployment deployment => (o.Metadata.Name, deployment.Spec.Template.Metadata.Labels, deployment.Spec.Template.Spec),
            V1Job job => (o.Metadata.Name, job.Spec.Template.Metadata.Labels, job.Spec.Template.Spec),
            V1Pod pod => (o.Metadata.Name, pod.Metadata.Labels, pod.Spec),
            _ => (o.Metadata.Name, null!, null!),
        }).Where(pod => pod.Item3 is not null);

    /// <summary>Services' pods: those that live on.</summary>
    public IEnumerable<(string Name, IDictionary<string, string> Labels, V1PodSpec Spec)> Services =>
        Pods.Where(pod => pod.Spec.RestartPolicy != "Never");

    static bool IsObject(string document) => document.Split('\n').Any(line => line.StartsWith("kind:", StringComparison.Ordinal));

    static string Line(string document, string key) =>
        document.Split('\n').First(line => line.StartsWith(key + ":", StringComparison.Ordinal))[(key.Length + 1)..].Trim();
}
