using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>One property of a section record, with everything that its attributes say.</summary>
internal sealed class SchemaKey
{
    public SchemaKey(PropertyInfo property)
    {
        Property = property;
        Name = property.GetCustomAttribute<KeyAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        Kind = KindOf(Type);
        if (Kind is SchemaKind.List or SchemaKind.Map)
            ElementType = Type.GetGenericArguments()[^1];
        Doc = property.GetCustomAttribute<DocAttribute>()?.Text ?? Type.GetCustomAttribute<DocAttribute>()?.Text ?? "";
        Range = property.GetCustomAttribute<RangeAttribute>();
        OneOf = property.GetCustomAttribute<OneOfAttribute>()?.Values;
        Pattern = property.GetCustomAttribute<PatternAttribute>()?.Expression;
        Unit = property.GetCustomAttribute<UnitAttribute>()?.Unit;
        Pending = property.GetCustomAttribute<PendingAttribute>()?.Consequence;
        Secret = property.IsDefined(typeof(SecretAttribute));
        Live = property.IsDefined(typeof(LiveAttribute));
        FilePath = property.IsDefined(typeof(FilePathAttribute));
        DottedKeys = property.IsDefined(typeof(DottedKeysAttribute));
        Optional = new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;
        Required = property.IsDefined(typeof(RequiredMemberAttribute));
    }

    public PropertyInfo Property { get; }

    public string Name { get; }

    /// <summary>The type without Nullable around it.</summary>
    public Type Type { get; }

    public SchemaKind Kind { get; }

    public Type? ElementType { get; }

    public string Doc { get; }

    public RangeAttribute? Range { get; }

    public string[]? OneOf { get; }

    public string? Pattern { get; }

    public Unit? Unit { get; }

    public string? Pending { get; }

    public bool Secret { get; }

    public bool Live { get; }

    public bool FilePath { get; }

    public bool DottedKeys { get; }

    /// <summary>May hold nothing.</summary>
    public bool Optional { get; }

    public bool Required { get; }

    public static SchemaKind KindOf(Type type)
    {
        if (type == typeof(string))
            return SchemaKind.Text;
        if (type == typeof(bool))
            return SchemaKind.Flag;
        if (type == typeof(int))
            return SchemaKind.Whole;
        if (type == typeof(double))
            return SchemaKind.Real;
        if (type == typeof(TimeSpan))
            return SchemaKind.Duration;
        if (type.IsEnum)
            return SchemaKind.Choice;
        if (type == typeof(BindAddress))
            return SchemaKind.Address;
        if (type == typeof(AutoObserve))
            return SchemaKind.Observations;
        if (type == typeof(AccessRule))
            return SchemaKind.Rule;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return SchemaKind.Map;
        return typeof(IEnumerable).IsAssignableFrom(type) ? SchemaKind.List : SchemaKind.Section;
    }
}
