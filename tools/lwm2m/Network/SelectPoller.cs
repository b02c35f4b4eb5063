using System.Net.Sockets;

namespace Tools.Network;

/// <summary>Portable; its cost grows with the number of sockets.</summary>
sealed class SelectPoller : SocketPoller
{
    readonly Dictionary<Socket, int> _keys = [];
    readonly List<Socket> _ready = [];
    int[] _result = [];

    public override void Add(Socket socket, int key) => _keys.Add(socket, key);

    public override void Remove(Socket socket) => _keys.Remove(socket);

    public override ReadOnlySpan<int> Wait(int milliseconds)
    {
        if (_keys.Count == 0)
        {
            Thread.Sleep(milliseconds);
            return default;
        }
        _ready.Clear();
        _ready.AddRange(_keys.Keys);
        Socket.Select(_ready, null, null, TimeSpan.FromMilliseconds(milliseconds));
        if (_result.Length < _ready.Count)
            _result = new int[_keys.Count];
        for (var i = 0; i < _ready.Count; i++)
            _result[i] = _keys[_ready[i]];
        return _result.AsSpan(0, _ready.Count);
    }

    public override void Dispose()
    {
    }
}
