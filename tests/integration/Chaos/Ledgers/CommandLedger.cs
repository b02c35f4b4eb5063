namespace Pipeline.IntegrationTests.Chaos.Ledgers;

/// <summary>
/// What commands were given, which of them were accepted (PUBACK or Kafka's acknowledgement), how often devices carried them out, and how they
/// were told to have ended. Safe from several threads.
/// </summary>
sealed class CommandLedger(Findings findings)
{
    readonly Lock _gate = new();
    readonly List<Account> _accounts = [];
    readonly SortedDictionary<string, long> _ends = [];
    long _accepted;
    long _repeated;

    public long Given
    {
        get
        {
            lock (_gate)
                return _accounts.Count;
        }
    }

    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Accepted, and without an outcome on Kafka or MQTT until now.</summary>
    public long Unanswered
    {
        get
        {
            lock (_gate)
                return _accounts.Count(a => a.IsAccepted && !(a.Outcomes[0].IsThere && a.Outcomes[1].IsThere));
        }
    }

    /// <summary>The same outcome once more.</summary>
    public long Repeated => Interlocked.Read(ref _repeated);


    /// <summary>How often commands ended how, on Kafka.</summary>
    public IReadOnlyDictionary<string, long> Ends
    {
        get
        {
            lock (_gate)
                return new SortedDictionary<string, long>(_ends);
        }
    }

    /// <summary>Gives its number, the <c>reqID</c>; they begin at 1.</summary>
    public int Give(CommandKind kind, int device)
    {
        lock (_gate)
        {
            _accounts.Add(new Account(kind, device));
            return _accounts.Count;
        }
    }

    public void Accept(int number)
    {
        lock (_gate)
            _accounts[number - 1].IsAccepted = true;
        Interlocked.Increment(ref _accepted);
    }

    /// <summary>A device carries it out; not where it answers a repeated message by what it remembers.</summary>
    public void CarryOut(int number, int device)
    {
        lock (_gate)
        {
            if (number < 1 || number > _accounts.Count || _accounts[number - 1].Device != device)
                findings.Add(FindingKind.UnknownCommand, $"command {number} was carried out by device {device}");
            else if (++_accounts[number - 1].CarriedOut > 1 && _accounts[number - 1].Kind == CommandKind.Execute)
                findings.Add(FindingKind.ExecutedTwice, $"command {number} on device {device}");
        }
    }

    /// <param name="end">In few words, such as "2.04" or "coap_timeout unknown".</param>
    /// <param name="id">Of the event.</param>
    /// <param name="content">Of all that it says.</param>
    public void End(Outlet outlet, int number, int device, string end, ulong id, ulong content)
    {
        lock (_gate)
        {
            if (number < 1 || number > _accounts.Count || _accounts[number - 1].Device != device)
            {
                findings.Add(FindingKind.UnknownCommand, $"{outlet}: command {number} of device {device}: {end}");
                return;
            }

            var account = _accounts[number - 1];
            var outcome = account.Outcomes[(int)outlet];
            if (!outcome.IsThere)
            {
                account.Outcomes[(int)outlet] = new Outcome(id, content, end);
                if (outlet == Outlet.Kafka)
                    _ends[$"{account.Kind} {end}"] = _ends.GetValueOrDefault($"{account.Kind} {end}") + 1;
            }
            else if (outcome.Id != id || outcome.Content != content)
                findings.Add(FindingKind.TwoOutcomes, $"{outlet}: command {number} of device {device} ({account.Kind}): {outcome.End}, then {end}");
            else
                _repeated++;
        }
    }

    /// <summary>Judges what can be judged only at the end.</summary>
    public void Close()
    {
        lock (_gate)
        {
            for (var i = 0; i < _accounts.Count; i++)
            {
                var account = _accounts[i];
                foreach (var outlet in Enum.GetValues<Outlet>().Where(o => account.IsAccepted && !account.Outcomes[(int)o].IsThere))
                    findings.Add(FindingKind.NoOutcome, $"{outlet}: command {i + 1} ({account.Kind}) of device {account.Device}");
                if (account.Kind == CommandKind.Execute && account.CarriedOut == 0 && account.Outcomes.Any(o => o.End?.StartsWith("2.", StringComparison.Ordinal) == true))
                    findings.Add(FindingKind.NotExecuted, $"command {i + 1} of device {account.Device}");
                if (account.Outcomes[0].IsThere && account.Outcomes[1].IsThere && account.Outcomes[0].Id != account.Outcomes[1].Id)
                    findings.Add(FindingKind.TwoOutcomes, $"command {i + 1}: Kafka says {account.Outcomes[0].End}, MQTT {account.Outcomes[1].End}");
            }
        }
    }

    readonly record struct Outcome(ulong Id, ulong Content, string? End)
    {
        public bool IsThere => End is not null;
    }

    sealed class Account(CommandKind kind, int device)
    {
        public readonly Outcome[] Outcomes = new Outcome[2];
        public readonly CommandKind Kind = kind;
        public readonly int Device = device;
        public bool IsAccepted;
        public int CarriedOut;
    }
}
