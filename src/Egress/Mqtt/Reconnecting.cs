using Polly;
using Polly.Retry;

namespace Egress.Mqtt;

/// <summary>How connections to the broker are made again: for ever, with growing pauses and jitter, so that replicas do not come all at once.</summary>
internal static class Reconnecting
{
    /// <summary>The pause after a connection that was of use.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(15);

    /// <param name="time">The clock of the pauses.</param>
    /// <param name="lost">Told the reason, and the pause that follows.</param>
    public static ResiliencePipeline Pipeline(TimeProvider time, Action<string, TimeSpan> lost) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<ConnectionLostException>(),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = Shortest,
                MaxDelay = s_longest,
                OnRetry = attempt =>
                {
                    lost(attempt.Outcome.Exception!.Message, attempt.RetryDelay);
                    return default;
                },
            })
            .Build();
}
