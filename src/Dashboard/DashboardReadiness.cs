using Hosting;

namespace Dashboard;

/// <summary>Whether the topics have been read to their ends.</summary>
sealed class DashboardReadiness(DashboardService service) : IReadiness
{
    public string Name => "dashboard.topics";

    public bool Ready => service.Trouble is null;

    public string? Reason => service.Trouble;
}
