using Protocol.Coap.Blockwise;

namespace Ingress.Blockwise;

/// <summary>What the configuration says of block-wise transfer.</summary>
static class BlockLimits
{
    /// <summary>Null where it is switched off.</summary>
    public static BlockwiseLimits? Of(Node node)
    {
        var options = node.Configuration().Lwm2m.Blockwise;
        return options.Enable ? new BlockwiseLimits(options.MaxBlockSize, options.MaxBodySize, (long)options.ExchangeLifetime.TotalMilliseconds) : null;
    }
}
