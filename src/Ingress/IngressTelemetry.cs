using System.Diagnostics.Metrics;
using Contracts;
using Hosting.Traces;

namespace Ingress;

/// <summary>Everything that Ingress counts, and what it shows of single messages. Nothing is dropped uncounted.</summary>
/// <param name="meters">Where the counters are made.</param>
/// <param name="trails">Null: nothing is shown.</param>
sealed class IngressTelemetry(IMeterFactory meters, Trails? trails = null)
{
    public const string MeterName = "lwm2m.ingress";

    // Up to a device that sleeps for hours.
    static readonly double[] CommandBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 90, 600, 3600, 7200];

    static readonly string[] OutcomeNames = Enum.GetNames<Outcome>();

    readonly Meter _meter = meters.Create(MeterName);
    readonly Histogram<double> _recorded = Histogram(meters, "recorded", "From a message of a device to Kafka's acknowledgement, and with it ours.", null);
    readonly Histogram<double> _commandSent = Histogram(meters, "command_sent", "From the acceptance of a command to its first request.", CommandBounds);
    readonly Histogram<double> _commandEnded = Histogram(meters, "command_ended", "From the first request of a command to its end.", CommandBounds);

    /// <summary>Spans, and lines of the log for watched endpoints.</summary>
    public Trail Trail { get; } = trails?.Of("ingress") ?? Trail.Off;

    /// <summary>What is looked at when somebody asks.</summary>
    public Meter Meter => _meter;

    public Counter<long> Datagrams { get; } = Counter(meters, "datagrams", "Datagrams received.");
    public Counter<long> Malformed { get; } = Counter(meters, "malformed", "Datagrams that are no CoAP message.");
    public Counter<long> Duplicates { get; } = Counter(meters, "duplicates", "Messages that were processed already.");
    public Counter<long> Rejected { get; } = Counter(meters, "rejected", "Responses and notifications that nobody waited for.");
    public Counter<long> Unmatched { get; } = Counter(meters, "unmatched", "Acknowledgements and resets that belong to no request.");
    public Counter<long> Refused { get; } = Counter(meters, "refused", "Requests of devices answered with an error.");
    public Counter<long> SentAway { get; } = Counter(meters, "sent_away", "Requests answered 5.03 with Max-Age.");
    public Counter<long> SessionsRefused { get; } = Counter(meters, "sessions_refused", "Registrations beyond ingress.max_sessions.");
    public Counter<long> NotHeld { get; } = Counter(meters, "not_held", "Messages dropped because too many waited already.");
    public Counter<long> HeldTooLong { get; } = Counter(meters, "held_too_long", "Messages dropped because their turn came after their device had given up.");
    public Counter<long> NotTaken { get; } = Counter(meters, "not_taken", "Notifications left unanswered because Kafka took nothing.");
    public Counter<long> FromElsewhere { get; } = Counter(meters, "from_elsewhere", "Notifications from another address than the device's.");
    public Counter<long> Notifications { get; } = Counter(meters, "notifications", "Notifications handed to Kafka.");
    public Counter<long> Sends { get; } = Counter(meters, "sends", "Sends handed to Kafka, by the code of their answer.");
    public Counter<long> Followed { get; } = Counter(meters, "followed", "Moves of devices to where their notifications come from (ingress.roaming).");
    public Counter<long> Renewed { get; } = Counter(meters, "renewed", "Requests that observe again what was wanted before.");
    public Counter<long> Operations { get; } = Counter(meters, "operations", "Operations handed to this slot.");
    public Counter<long> NotMine { get; } = Counter(meters, "not_mine", "Operations for devices that this slot does not own.");
    public Counter<long> Requests { get; } = Counter(meters, "requests", "Requests sent to devices.");
    public Counter<long> Retransmissions { get; } = Counter(meters, "retransmissions", "Requests sent again.");
    public Counter<long> Outcomes { get; } = Counter(meters, "outcomes", "Ends of commands.");
    public Counter<long> OutcomesLost { get; } = Counter(meters, "outcomes_lost", "Ends of commands that found no room; the Translator tells them after the deadline.");
    public Counter<long> BodiesRefused { get; } = Counter(meters, "bodies_refused", "Bodies in blocks that were not put together, by reason.");
    public Counter<long> AnswersForgotten { get; } = Counter(meters, "answers_forgotten", "Answers in blocks forgotten before their time because too many were kept.");
    public Counter<long> BlocksSent { get; } = Counter(meters, "blocks_sent", "Requests sent to devices that carry or ask for a block.");
    public Counter<long> BodiesCutOff { get; } = Counter(meters, "bodies_cut_off", "Notifications in blocks whose rest could not be read.");
    public Counter<long> VoidSessions { get; } = Counter(meters, "void_sessions", "Session records that did not count.");
    public Counter<long> UnreadableSessions { get; } = Counter(meters, "unreadable_sessions", "Records of the sessions topic that could not be read.");
    public Counter<long> UnreadableRegistrations { get; } = Counter(meters, "unreadable_registrations", "Records of the registrations topic that could not be read.");

    public Counter<long> OrphansEnded { get; } = Counter(meters, "orphans_ended", "Registrations of dead slots ended because their lifetime was over.");
    public Counter<long> HandedOver { get; } = Counter(meters, "handed_over", "Sessions handed over to other slots, because this one is drained.");
    public Counter<long> TakenOver { get; } = Counter(meters, "taken_over", "Sessions that other slots have handed over to this one.");
    public Counter<long> AccessDenied { get; } = Counter(meters, "access_denied", "Datagrams dropped by the access rules of a listener.");
    public Counter<long> HealthChecks { get; } = Counter(meters, "health_checks", "Health checks of listeners that were answered.");
    public Counter<long> PeersRefused { get; } = Counter(meters, "peers_refused", "Messages of new peers beyond a limit of their listener.");
    public Counter<long> Admissions { get; } = Counter(meters, "admissions", "Registers that somebody had to be asked about.");
    public Counter<long> Reviews { get; } = Counter(meters, "reviews", "Authorizations of registered devices that were asked for again.");
    public Counter<long> Captured { get; } = Counter(meters, "captured", "Datagrams recorded for the topic capture.");
    public Counter<long> CaptureDropped { get; } = Counter(meters, "capture_dropped", "Recorded datagrams that Kafka did not get, by reason.");
    public Counter<long> AttributesLeftOut { get; } = Counter(meters, "attributes_left_out", "Client attributes that may not stand in a topic, or were too many.");

    public Counter<long> DtlsHandshakes { get; } = Counter(meters, "dtls_handshakes", "DTLS handshakes with peers that are at their address, by how they ended.");
    public Counter<long> DtlsAlerts { get; } = Counter(meters, "dtls_alerts", "Alerts of DTLS, sent and received.");
    public Counter<long> DtlsFailuresUntold { get; } = Counter(meters, "dtls_failures_untold", "DTLS handshakes that failed and that no event tells of: too many at a time, or Kafka takes no more.");
    public Counter<long> DtlsDropped { get; } = Counter(meters, "dtls_dropped", "Datagrams of DTLS listeners that were not listened to, by reason.");
    public Counter<long> DtlsNotSent { get; } = Counter(meters, "dtls_not_sent", "Messages to peers without a session, or with another identity than they were meant for.");
    public Counter<long> DtlsMoves { get; } = Counter(meters, "dtls_moves", "Sessions whose peers have gone to another address, found by their connection id.");
    public Counter<long> DtlsSaved { get; } = Counter(meters, "dtls_saved", "DTLS sessions saved at the end, for whoever has the slot next.");
    public Counter<long> DtlsRestored { get; } = Counter(meters, "dtls_restored", "DTLS sessions of the process before that go on.");
    public Counter<long> DtlsNotRestored { get; } = Counter(meters, "dtls_not_restored", "DTLS sessions of the process before that do not go on, by reason.");
    public Counter<long> CredentialRecords { get; } = Counter(meters, "credential_records", "Records of the topic credentials, by what came of them.");
    public Counter<long> CredentialLookups { get; } = Counter(meters, "credential_lookups", "Questions to credentials.http, by what came of them.");
    public Counter<long> DtlsRevoked { get; } = Counter(meters, "dtls_revoked", "Sessions ended because their credential is not in force any more.");

    public Counter<long> Forwarded { get; } = Counter(meters, "forwarded", "Datagrams of devices handed to the replica that has their DTLS session, and taken from others.");
    public Counter<long> ForwardedAnswers { get; } = Counter(meters, "forwarded_answers", "Datagrams to devices handed to the replica that hears them, and taken from others.");
    public Counter<long> ForwardDropped { get; } = Counter(meters, "forward_dropped", "Datagrams between replicas that went no further, by reason.");

    /// <summary>Kafka has what a device told.</summary>
    /// <param name="kind">"notification" or "registration".</param>
    public void CountRecorded(string kind, TimeSpan after) => _recorded.Record(Seconds(after), new KeyValuePair<string, object?>("kind", kind));

    /// <summary>The first request of a command has left.</summary>
    public void CountCommandSent(bool isQueueMode, TimeSpan after) =>
        _commandSent.Record(Seconds(after), new KeyValuePair<string, object?>("queue_mode", isQueueMode ? "true" : "false"));

    /// <summary>A command that was sent has ended.</summary>
    public void CountCommandEnded(Outcome outcome, TimeSpan after) =>
        _commandEnded.Record(Seconds(after), new KeyValuePair<string, object?>("outcome", OutcomeNames[(int)outcome]));

    // Where two clocks are compared the later one may be behind.
    static double Seconds(TimeSpan after) => Math.Max(0, after.TotalSeconds);

    static Histogram<double> Histogram(IMeterFactory meters, string name, string description, double[]? bounds) => meters.Create(MeterName).CreateHistogram(
        name, "s", description, tags: null, bounds is null ? null : new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    static Counter<long> Counter(IMeterFactory meters, string name, string description) =>
        meters.Create(MeterName).CreateCounter<long>(name, description: description);
}
