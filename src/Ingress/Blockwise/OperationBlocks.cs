using Contracts;
using Ingress.Messages;
using Ingress.Operations;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Ingress.Blockwise;

/// <summary>Operations whose request or answer does not fit into one datagram: what each request bears, and when the answer is whole.</summary>
sealed class OperationBlocks(Node node, MessageLayer messages)
{
    /// <summary>What the next request of that operation bears. The first one decides whether its body goes in blocks.</summary>
    public BlockRequest Next(QueuedOperation queued)
    {
        if (BlockLimits.Of(node) is not { } limits)
            return queued.Blocks?.Next ?? new BlockRequest(queued.Operation.Payload.Memory);
        if (queued.Blocks is null && queued.Operation.Payload.Length > limits.MaxBlockSize)
            queued.Blocks = Begin(queued, limits);
        var next = queued.Blocks?.Next ?? new BlockRequest(queued.Operation.Payload.Memory);
        if (next is { Block1: not null } or { IsFollowUp: true })
            node.Telemetry.BlocksSent.Add(1);
        // One FETCH is told from another by its body (RFC 8132 section 2.1); where a block holds that, it stands in each request.
        if (next.IsFollowUp && OperationRequest.AsksByPayload(queued.Operation) && queued.Operation.Payload.Length <= limits.MaxBlockSize)
            next = next with { Payload = queued.Operation.Payload.Memory };
        // Early negotiation (RFC 7959 section 2.4): what a device would send in larger blocks comes in such as we want.
        return next.Block2 is null && limits.MaxBlockSize < BlockOption.LargestSize && OperationRequest.AsksForContent(queued.Operation)
            ? next with { Block2 = new BlockOption(0, false, limits.SizeExponent) }
            : next;
    }

    /// <summary>Takes the response to the request that was sent last.</summary>
    /// <param name="queued">The operation.</param>
    /// <param name="response">The response.</param>
    /// <param name="whole">The answer to the operation, where it is whole: its frame is the one whose code and options count.</param>
    public BlockwiseStep Take(QueuedOperation queued, in Message response, out Message whole)
    {
        whole = response;
        if (BlockLimits.Of(node) is not { } limits)
            return response.Frame.Block2 is { More: true } ? BlockwiseStep.Failed : BlockwiseStep.Answered;
        if (queued.Blocks is null && !IsPartOfMore(queued, response.Frame))
            return BlockwiseStep.Answered;

        var blocks = queued.Blocks ??= Begin(queued, limits);
        var step = blocks.OnResponse(response.Frame);
        switch (step)
        {
            case BlockwiseStep.SendNext:
                messages.Acknowledge(response.Requester);
                queued.OnProgress();
                break;
            case BlockwiseStep.Answered when blocks.Body is { } body && CoapFrame.TryParse(blocks.First, out var first) == CoapParseError.None:
                whole = new Message(first, response.Requester, response.IsAtEndOfLog, body: body);
                break;
        }

        return step;
    }

    /// <summary>A response that is of no use any more.</summary>
    public void PassOver(in Message response) => messages.Acknowledge(response.Requester);

    /// <summary>How an operation that failed for its blocks ends.</summary>
    public static (CoapCode Code, string Reason) FailureOf(QueuedOperation queued) => queued.Blocks is { } blocks
        ? (blocks.FailureCode, blocks.Reason)
        : (CoapCode.RequestEntityIncomplete, "the answer is larger than one block, and block-wise transfer is switched off");

    static bool IsPartOfMore(QueuedOperation queued, in CoapFrame response) =>
        response.Block2 is { More: true } or { Number: > 0 }
        || (response.Code == CoapCode.RequestEntityTooLarge && response.Block1 is not null && !queued.Operation.Payload.IsEmpty);

    static BlockwiseExchange Begin(QueuedOperation queued, in BlockwiseLimits limits) => new(queued.Operation.Payload.Memory, limits, !queued.IsOnceOnly);
}
