using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Contracts.Configuration;
using Microsoft.Extensions.Logging;
using Protocol.Dtls;

namespace Ingress.Security;

/// <summary>
/// Certificate, key and authorities of a listener, from PEM files. They are looked at when a handshake begins, at most once a second, and read
/// again when one of them has changed; where that fails, what was read last stays in force.
/// </summary>
sealed partial class CertificateFiles
{
    static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    readonly string _listener;
    readonly DtlsNeeds _needs;
    readonly ILogger _logger;
    readonly Lock _lock = new();
    DtlsOptions _options;
    Certification? _current;
    string _version = "";
    string? _problem;
    long _looked;

    public CertificateFiles(string listener, DtlsOptions options, DtlsNeeds needs)
    {
        _listener = listener;
        _needs = needs;
        _logger = needs.Logger;
        _options = options;
        Look();
    }

    /// <summary>Null where there are no certificates and no raw public key, or none could ever be read.</summary>
    public Certification? Current
    {
        get
        {
            lock (_lock)
            {
                if (_needs.Time.GetElapsedTime(_looked) >= Period)
                    Look();
                return _current;
            }
        }
    }

    /// <summary>Other files, or other rules.</summary>
    public void Follow(DtlsOptions options)
    {
        lock (_lock)
        {
            _options = options;
            Look();
        }
    }

    void Look()
    {
        _looked = _needs.Time.GetTimestamp();
        try
        {
            var version = $"{VersionOf(_options.Certfile)} {VersionOf(_options.Keyfile)} {VersionOf(_options.Cacertfile)} {_options.Verify} {_options.Depth} {_options.Password}";
            if (version == _version)
                return;
            _current = Read(_options);
            _version = version;
            _problem = null;
            if (_current is not null)
                LogRead(_listener, _current.Key.Certificates.Count, _current.Authorities.Count);
            if (_current is { AsksPeers: false })
                LogUnasked(_listener);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or InvalidDataException)
        {
            if (_problem != e.Message)
                LogBroken(_listener, e.Message);
            _problem = e.Message;
        }
    }

    // A link that points elsewhere now is seen by its target.
    static string VersionOf(string? path)
    {
        if (path is null)
            return "-";
        var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        return $"{file.FullName} {file.LastWriteTimeUtc.Ticks} {file.Length}";
    }

    Certification? Read(DtlsOptions options)
    {
        if ((options.Keyfile ?? options.Certfile) is not { } keyFile)
            return null;
        using var key = ReadKey(keyFile, options.Password);
        var certificates = Certificates(options.Certfile);
        if (certificates.Count > 0 && !IsOf(certificates[0], key))
            throw new InvalidDataException("the first certificate of certfile is not that of the key");
        var clients = new ClientCertificates(
            Certificates(options.Cacertfile), options.Depth, _needs.X509Endpoint, _needs.Credentials, _needs.Time);
        return new Certification
        {
            Key = new ServerKey(key, [.. certificates.Select(c => c.RawData)]),
            AsksPeers = options.Verify == "verify_peer",
            CheckCertificate = clients.Check,
            CheckRawPublicKey = CheckRawPublicKey,
            Authorities = clients.Names,
        };
    }

    PeerVerdict CheckRawPublicKey(byte[] key) =>
        _needs.Credentials.FindRawPublicKey(key) is { } known
            ? PeerVerdict.Of(new DtlsIdentity(known.Identity) { Credential = known })
            : PeerVerdict.Refuse(HandshakeResult.UnknownIdentity);

    static X509Certificate2Collection Certificates(string? file)
    {
        var certificates = new X509Certificate2Collection();
        if (file is not null)
            certificates.ImportFromPemFile(file);
        return certificates;
    }

    static bool IsOf(X509Certificate2 certificate, ECDsa key)
    {
        using var its = certificate.GetECDsaPublicKey();
        return its is not null && its.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());
    }

    static ECDsa ReadKey(string file, string? password)
    {
        var pem = File.ReadAllText(file);
        var key = ECDsa.Create();
        try
        {
            if (password is not null && pem.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
                key.ImportFromEncryptedPem(pem, password);
            else
                key.ImportFromPem(pem);
            if (key.KeySize is 256 or 384)
                return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Said below, without what it was.
        }

        key.Dispose();
        throw new InvalidDataException("keyfile has no private key on P-256 or P-384 that can be read");
    }

    [LoggerMessage(55, LogLevel.Information, "{Listener}: a key with {Certificates} certificates was read, and {Authorities} authorities")]
    partial void LogRead(string listener, int certificates, int authorities);

    [LoggerMessage(56, LogLevel.Error, "{Listener}: certfile, keyfile or cacertfile cannot be read: {Reason}; what was read last stays in force")]
    partial void LogBroken(string listener, string reason);

    [LoggerMessage(57, LogLevel.Warning, "{Listener}: devices are not asked for certificates (verify_none): who comes without a pre-shared key proves nothing, as on a plain listener")]
    partial void LogUnasked(string listener);
}
