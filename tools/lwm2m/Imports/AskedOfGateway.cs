using Ingress.Messages;

namespace Tools.Imports;

/// <summary>A request of a device that the gateway has not answered yet.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Held">The message, with its whole body.</param>
/// <param name="Location">Behind <c>/rd/</c>, of an Update or De-register.</param>
/// <param name="Ns">When it came.</param>
sealed record AskedOfGateway(AskedKind Kind, HeldMessage Held, string Location, ulong Ns);
