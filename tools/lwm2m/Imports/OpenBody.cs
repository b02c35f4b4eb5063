using Contracts;
using Protocol.Coap.Blockwise;

namespace Tools.Imports;

/// <summary>An answer or a notification of which further blocks are being read.</summary>
/// <param name="Told">The event, but for its payload.</param>
/// <param name="Body">What there is of it.</param>
sealed record OpenBody(UplinkEvent Told, BodyAssembly Body);
