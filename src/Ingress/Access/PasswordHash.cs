using System.Security.Cryptography;
using System.Text;
using Contracts.Configuration;

namespace Ingress.Access;

/// <summary>Checks passwords against hashes as EMQX's built-in database keeps them: hexadecimal digits, the salt a text that is taken as it is.</summary>
sealed class PasswordHash(PasswordHashOptions options)
{
    /// <summary>Whether there is such an algorithm here.</summary>
    public static bool Knows(string name) => name is "plain" or "sha256" or "sha512" or "pbkdf2";

    /// <summary>In a time that does not depend on where the two differ.</summary>
    public bool Fits(string password, string hash, string salt)
    {
        var expected = options.Name == "plain" ? Encoding.UTF8.GetBytes(hash) : Encoding.ASCII.GetBytes(hash.ToLowerInvariant());
        var actual = options.Name switch
        {
            "plain" => Encoding.UTF8.GetBytes(password),
            "sha256" => Hex(SHA256.HashData(Salted(password, salt))),
            "sha512" => Hex(SHA512.HashData(Salted(password, salt))),
            "pbkdf2" => Hex(Derive(password, salt)),
            _ => null,
        };
        return actual is not null && CryptographicOperations.FixedTimeEquals(actual, expected);
    }

    byte[] Salted(string password, string salt) => Encoding.UTF8.GetBytes(options.SaltPosition switch
    {
        "prefix" => salt + password,
        "suffix" => password + salt,
        _ => password,
    });

    byte[] Derive(string password, string salt)
    {
        var (algorithm, length) = options.MacFun switch
        {
            "sha" => (HashAlgorithmName.SHA1, 20),
            "sha384" => (HashAlgorithmName.SHA384, 48),
            "sha512" => (HashAlgorithmName.SHA512, 64),
            _ => (HashAlgorithmName.SHA256, 32),
        };
        return Rfc2898DeriveBytes.Pbkdf2(password, Encoding.UTF8.GetBytes(salt), options.Iterations, algorithm, options.DkLength ?? length);
    }

    static byte[] Hex(byte[] hash) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash));
}
