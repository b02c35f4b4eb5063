namespace Contracts.Configuration;

/// <summary>A file or folder; a relative path is tried from the configuration file's folder, then from the working folder.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FilePathAttribute : Attribute;
