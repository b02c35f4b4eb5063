using Pipeline.IntegrationTests.Chaos.Fleet;

namespace Pipeline.IntegrationTests.Chaos.Ledgers;

/// <summary>
/// What became of the messages of one device. Their numbers begin at 1 and rise by one, over Registers, Updates and notifications alike: a
/// device sends one at a time, so all of them have one order.
/// </summary>
sealed class UplinkAccount
{
    readonly List<Marks> _marks = [default];
    readonly List<int> _registrations = [];
    readonly Arrivals[] _outlets = [new(), new()];

    [Flags]
    enum Marks : byte
    {
        Acknowledged = 1,
        SeveralReplicas = 2,
        Refused = 4,
        Update = 8,
    }

    /// <summary>The last number given.</summary>
    public int Sent => _marks.Count - 1;

    public int Next(Exchange exchange)
    {
        _marks.Add(exchange == Exchange.Update ? Marks.Update : default);
        if (exchange == Exchange.Register)
            _registrations.Add(Sent);
        return Sent;
    }

    /// <summary>The message was sent to a replica that may not know that another has it.</summary>
    public void WentElsewhere(int number) => _marks[number] |= Marks.SeveralReplicas;

    /// <summary>The device was told 5.03: nothing has become of the message.</summary>
    public void Refuse(int number) => _marks[number] |= Marks.Refused;

    /// <summary>What came out although the only replica that had it has refused it.</summary>
    public IEnumerable<int> RefusedAndThere() =>
        Enumerable.Range(1, Sent).Where(n => (_marks[n] & (Marks.Refused | Marks.SeveralReplicas)) == Marks.Refused && _outlets[(int)Outlet.Kafka].Has(n));

    public bool HasGoneElsewhere(int number) => _marks[number].HasFlag(Marks.SeveralReplicas);

    /// <summary>What is known of the message, for people.</summary>
    public string Describe(int number) =>
        number < 1 || number > Sent ? "" : $"{(_registrations.Contains(number) ? ", a Register" : "")}{(_marks[number] == 0 ? "" : ", " + _marks[number])}";

    /// <summary>False where it was before.</summary>
    public bool Acknowledge(int number)
    {
        var isNew = !_marks[number].HasFlag(Marks.Acknowledged);
        _marks[number] |= Marks.Acknowledged;
        return isNew;
    }

    public IEnumerable<int> AcknowledgedWithout(Outlet outlet) =>
        Enumerable.Range(1, Sent).Where(number => _marks[number].HasFlag(Marks.Acknowledged) && !_outlets[(int)outlet].Has(number));

    public Arrival Arrive(Outlet outlet, int number, ulong id, bool isLate)
    {
        if (number < 1 || number > Sent)
            return Arrival.NeverSent;
        var arrivals = _outlets[(int)outlet];
        if (arrivals.IdOf(number) is var known and not 0)
            return known == id ? Arrival.Repeated : Arrival.SecondId;
        arrivals.Add(number, id);
        // A replica that has refused it does not speak for another that had it before: then nobody knows when it comes.
        if (isLate || _marks[number].HasFlag(Marks.Refused | Marks.SeveralReplicas))
            return Arrival.First;
        var before = arrivals.Highest;
        arrivals.Highest = Math.Max(before, number);
        return number < before && RegistrationOf(number) == RegistrationOf(before) ? Arrival.Reordered : Arrival.First;
    }

    int RegistrationOf(int number) => _registrations.FindLastIndex(first => first <= number);

    /// <summary>Which numbers came out, and under which id.</summary>
    sealed class Arrivals
    {
        ulong[] _ids = [];

        /// <summary>Of those that have an order.</summary>
        public int Highest { get; set; }

        public bool Has(int number) => IdOf(number) != 0;

        /// <summary>0 where it has not come.</summary>
        public ulong IdOf(int number) => number < _ids.Length ? _ids[number] : 0;

        public void Add(int number, ulong id)
        {
            if (number >= _ids.Length)
                Array.Resize(ref _ids, Math.Max(16, Math.Max(number + 1, _ids.Length * 2)));
            _ids[number] = id;
        }
    }
}
