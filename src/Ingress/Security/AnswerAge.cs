namespace Ingress.Security;

enum AnswerAge
{
    Fresh,

    /// <summary>It counts, and it is time to ask again.</summary>
    Ripe,

    /// <summary>It counts while there is no other.</summary>
    Old,

    /// <summary>It counts for no new handshake.</summary>
    Gone,
}
