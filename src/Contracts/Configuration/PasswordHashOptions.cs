namespace Contracts.Configuration;

/// <summary>How passwords are hashed (EMQX's <c>password_hash_algorithm</c>).</summary>
[Doc("How passwords are hashed.")]
[Open]
public sealed record PasswordHashOptions
{
    [Doc("`plain`, `sha256`, `sha512` or `pbkdf2`. With any other no password fits.")]
    public string Name { get; init; } = "sha256";

    [Doc("Where the salt stands: before the password, behind it, or nowhere.")]
    [OneOf("prefix", "suffix", "disable")]
    public string SaltPosition { get; init; } = "prefix";

    [Doc("Hash of `pbkdf2`.")]
    [OneOf("sha", "sha256", "sha384", "sha512")]
    public string MacFun { get; init; } = "sha256";

    [Doc("Rounds of `pbkdf2`.")]
    [Range("1", "10000000")]
    public int Iterations { get; init; } = 4096;

    [Doc("Bytes that `pbkdf2` makes. Absent: as many as its hash has.")]
    [Range("1", "1024")]
    public int? DkLength { get; init; }
}
