namespace Tools.Load;

/// <summary>
/// The numbers that each device sent, which of them the gateway acknowledged, and which came out on MQTT. Numbers of a device begin at 1
/// and rise by one. Safe from several threads.
/// </summary>
sealed class DeliveryLedger
{
    readonly Account[] _accounts;

    /// <param name="history">How many of a device's latest sending times are kept, to tell latencies.</param>
    public DeliveryLedger(int devices, int history) =>
        _accounts = Enumerable.Range(0, devices).Select(_ => new Account(history)).ToArray();

    /// <summary>Acknowledged by the gateway.</summary>
    public long Acknowledged => Sum(account => account.Acknowledged.Count);

    /// <summary>Came out at least once.</summary>
    public long Delivered => Sum(account => account.Delivered.Count);

    /// <summary>Came out again.</summary>
    public long Duplicates => Sum(account => account.Duplicates);

    /// <summary>Came out for the first time after one that was sent later.</summary>
    public long OutOfOrder => Sum(account => account.OutOfOrder);

    /// <summary>Came out but was never sent.</summary>
    public long Unknown => Sum(account => account.Unknown);

    /// <summary>Acknowledged, but has not come out.</summary>
    public long Missing => Sum(account => account.Acknowledged.CountWithout(account.Delivered));

    public void Send(int device, int number, long time)
    {
        var account = _accounts[device];
        lock (account)
        {
            account.Sent = number;
            account.SentAt[number % account.SentAt.Length] = time;
        }
    }

    public void Acknowledge(int device, int number)
    {
        var account = _accounts[device];
        lock (account)
            account.Acknowledged.Add(number);
    }

    /// <summary>A number came out. Gives when it was sent; false for a repetition, an unknown number, or one sent too long ago to tell.</summary>
    public bool Deliver(int device, double value, out long sentAt)
    {
        sentAt = 0;
        if ((uint)device >= (uint)_accounts.Length)
            return false;
        var account = _accounts[device];
        lock (account)
        {
            var number = (int)value;
            if (number < 1 || number > account.Sent || number != value)
            {
                account.Unknown++;
                return false;
            }
            if (!account.Delivered.Add(number))
            {
                account.Duplicates++;
                return false;
            }
            if (number < account.Highest)
                account.OutOfOrder++;
            account.Highest = Math.Max(account.Highest, number);
            sentAt = account.SentAt[number % account.SentAt.Length];
            return account.Sent - number < account.SentAt.Length;
        }
    }

    long Sum(Func<Account, long> figure)
    {
        long sum = 0;
        foreach (var account in _accounts)
        {
            lock (account)
                sum += figure(account);
        }
        return sum;
    }

    sealed class Account(int history)
    {
        public readonly NumberSet Acknowledged = new();
        public readonly NumberSet Delivered = new();
        public readonly long[] SentAt = new long[history];
        public int Sent;
        public int Highest;
        public long Duplicates;
        public long OutOfOrder;
        public long Unknown;
    }
}
