using System.Diagnostics;
using System.Net;
using Pipeline.IntegrationTests.Devices;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>A DTLS session of OpenSSL's command line, whose input and output are the plaintext: one message at a time.</summary>
sealed class PipedSession : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly byte[] _buffer = new byte[65536];

    public PipedSession(string program, IPEndPoint gateway, string identity, string key, string cipher) =>
        _process = Process.Start(new ProcessStartInfo(
            program,
            ["s_client", "-dtls1_2", "-quiet", "-connect", gateway.ToString(), "-psk_identity", identity, "-psk", Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(key)), "-cipher", cipher + ":@SECLEVEL=0"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;

    public async Task SendAsync(Datagram message)
    {
        await _process.StandardInput.BaseStream.WriteAsync(message.ToBytes(), TestContext.Current.CancellationToken);
        await _process.StandardInput.BaseStream.FlushAsync(TestContext.Current.CancellationToken);
    }

    public async Task<Datagram> ExpectAsync()
    {
        var length = await _process.StandardOutput.BaseStream.ReadAsync(_buffer, TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(length > 0, "the session has ended");
        return Datagram.Parse(_buffer[..length]);
    }

    /// <summary>The gateway asks for that; it gets this.</summary>
    public async Task<Datagram> AnswerAsync(string said, byte code, string text, uint? observe = null)
    {
        var request = await ExpectAsync();
        Assert.Equal(said, request.Said);
        await SendAsync(new Datagram
        {
            Type = MessageType.Acknowledgement,
            Code = code,
            Id = request.Id,
            Token = request.Token,
            Options = observe is { } sequence ? [Datagram.Option(Datagram.Observe, sequence)] : [],
            Payload = System.Text.Encoding.UTF8.GetBytes(text),
        });
        return request;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
