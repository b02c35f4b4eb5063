using Tools.Dtls;

namespace Pipeline.Tests.Tools.Dtls;

public sealed class KeyScheduleTests
{
    // The vector for P_SHA256 that was given to the list of the TLS working group when TLS 1.2 was made.
    [Fact]
    public void Pseudorandom_function_gives_what_others_have_published()
    {
        var secret = Convert.FromHexString("9bbe436ba940f017b17652849a71db35");
        var seed = Convert.FromHexString("a0ba9f936cda311827a6f796ffd5198c");
        Assert.Equal(
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66",
            Convert.ToHexStringLower(KeySchedule.Derive(secret, "test label", seed, 100)));
    }
}
