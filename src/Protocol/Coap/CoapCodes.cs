namespace Protocol.Coap;

/// <summary>What the bits of a <see cref="CoapCode"/> say.</summary>
public static class CoapCodes
{
    static readonly string[] Names = BuildNames();

    extension(CoapCode code)
    {
        /// <summary>0 request or empty, 2 success, 4 client error, 5 server error; 1, 3, 6 and 7 are reserved.</summary>
        public int Class => (byte)code >> 5;

        public int Detail => (byte)code & 0x1F;

        /// <summary>A method, known or not: 0.01-0.31.</summary>
        public bool IsRequest => (byte)code is > 0 and < 0x20;

        /// <summary>A response, known or not: 2.xx, 4.xx, 5.xx.</summary>
        public bool IsResponse => code.Class is 2 or 4 or 5;

        public bool IsSuccess => code.Class == 2;

        /// <summary>The usual notation, for example "2.05"; does not allocate.</summary>
        public string Dotted => Names[(byte)code];
    }

    static string[] BuildNames()
    {
        var names = new string[256];
        for (var i = 0; i < names.Length; i++)
            names[i] = $"{i >> 5}.{i & 0x1F:00}";
        return names;
    }
}
