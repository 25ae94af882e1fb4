"""How large a sweep the design carries: a simulation of its queues, with costs that were measured.

    python tests/benchmarks/simulate_scaling.py

Trials on a cluster report an epoch and wait until the driver has taken it; the driver takes one at a time. Beside it
the sender carries what the driver has noted into the tracking store: all that is new, a request per trial and at most
1,000 points in each, then five seconds' rest. The costs were measured: results/driver.md and results/logging.md. Table:
results/scaling.md.
"""

import argparse
import heapq
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

MAX_POINTS = 1000  # of one request
REST_S = 5.0
SLOWED = 0.05  # a driver that keeps trials waiting for more of their time than this has given in
MOST = 16_384  # trials at once that are simulated
EPOCHS_S = (0.1, 1.0, 10.0, 60.0)

# Measured: results/driver.md, and the CPU time of results/logging.md: a request of one point, and what each further
# point adds. On a quiet machine the clock says nearly the same.
DRIVER_EPOCH_MS = 2.4
DRIVER_TRIAL_MS = 21.0
STORES = {  # milliseconds of a request, and of each point in it
    "sqlite": (3.4, 0.111),
    "server on sqlite": (11.8, 0.134),
    "server on PostgreSQL": (9.4, 0.147),
}


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Seconds, each measured on one core."""

    driver_epoch_s: float  # the driver takes a report
    driver_trial_s: float  # the driver starts and ends a trial
    request_s: float  # a request to the tracking store
    point_s: float  # each point in it
    trial_requests: int = 7  # look for the run, make it, settings, data set, status, end


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What is asked of the cluster."""

    slots: int  # trials at once
    trials: int
    epochs: int  # of a trial
    epoch_s: float
    points: int  # of an epoch


@dataclass
class Sender:
    """What the journal has and the store has not, per trial, and when the store is next asked."""

    costs: Costs
    waiting: dict[int, list[float]] = field(default_factory=dict)  # times of epochs, by trial
    ended: list[float] = field(default_factory=list)
    free_s: float = 0.0
    busy_s: float = 0.0
    worst_s: float = 0.0  # age of a point as it arrives, at most

    def run_until(self, now_s: float, points: int) -> None:
        while self.free_s <= now_s and (self.waiting or self.ended):
            self._send(points)

    def _send(self, points: int) -> None:
        costs = self.costs
        at_s = self.free_s
        for times in self.waiting.values():
            total = len(times) * points
            at_s += -(-total // MAX_POINTS) * costs.request_s + total * costs.point_s
            self.worst_s = max(self.worst_s, at_s - times[0])
        for ended_s in self.ended:
            at_s += costs.trial_requests * costs.request_s
            self.worst_s = max(self.worst_s, at_s - ended_s)
        self.busy_s += at_s - self.free_s
        self.free_s = at_s + REST_S
        self.waiting, self.ended = {}, []


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a simulated sweep went."""

    wall_s: float
    driver_busy: float  # part of the time
    waited: float  # part of their time that trials waited for the driver
    sender_busy: float
    behind_s: float  # the oldest point's age as it arrived


def simulate(sweep: Sweep, costs: Costs) -> Outcome:
    """Plays a sweep, event by event; trials start a part of an epoch after one another."""
    reports = [(sweep.epoch_s * (1 + slot / sweep.slots), slot, slot, 1) for slot in range(sweep.slots)]
    heapq.heapify(reports)
    sender = Sender(costs)
    driver_s = busy_s = waited_s = trained_s = 0.0
    started = sweep.slots
    while reports:
        due_s, slot, trial, epoch = heapq.heappop(reports)
        begin_s = max(driver_s, due_s)
        is_last = epoch == sweep.epochs
        cost_s = costs.driver_epoch_s + (costs.driver_trial_s if is_last else 0.0)
        driver_s = begin_s + cost_s
        busy_s += cost_s
        waited_s += driver_s - due_s
        trained_s += sweep.epoch_s
        sender.run_until(driver_s, sweep.points)
        sender.free_s = max(sender.free_s, driver_s) if not sender.waiting else sender.free_s
        sender.waiting.setdefault(trial, []).append(driver_s)
        if not is_last:
            heapq.heappush(reports, (driver_s + sweep.epoch_s, slot, trial, epoch + 1))
            continue
        sender.ended.append(driver_s)
        if started < sweep.trials:
            heapq.heappush(reports, (driver_s + sweep.epoch_s, slot, started, 1))
            started += 1
    wall_s = driver_s
    sender.run_until(float("inf"), sweep.points)
    return Outcome(
        wall_s=wall_s,
        driver_busy=busy_s / wall_s,
        waited=waited_s / (waited_s + trained_s),
        sender_busy=sender.busy_s / wall_s,
        behind_s=sender.worst_s,
    )


def bottleneck(outcome: Outcome) -> str:
    """Returns which part no longer keeps up, if any."""
    parts = [
        *(["the driver"] if outcome.waited > SLOWED else []),
        *(["tracking"] if outcome.sender_busy > 1 else []),
    ]
    return " and ".join(parts)


def largest(sweep: Sweep, costs: Costs, part: str) -> tuple[int, Outcome]:
    """Returns the most trials at once with which a part keeps up, to a twentieth, and how they went."""
    low, high = 1, 2
    while part not in bottleneck(_with(sweep, costs, high)):
        if high >= MOST:
            return high, _with(sweep, costs, high)
        low, high = high, 2 * high
    while high - low > max(1, low // 20):
        middle = (low + high) // 2
        failed = part in bottleneck(_with(sweep, costs, middle))
        low, high = (low, middle) if failed else (middle, high)
    return low, _with(sweep, costs, low)


def _with(sweep: Sweep, costs: Costs, slots: int) -> Outcome:
    return simulate(replace(sweep, slots=slots, trials=slots), costs)


def row(sweep: Sweep, costs: Costs) -> str:
    """Returns a line of the table: where the driver and where the tracking store gives in."""
    driver, _ = largest(sweep, costs, "the driver")
    tracking, sent = largest(sweep, costs, "tracking")
    points = tracking * sweep.epochs * sweep.points / sent.wall_s
    first = "the driver" if driver < tracking else "tracking"
    shown = [f"{count:,}" if count < MOST else f"over {MOST:,}" for count in (driver, tracking)]
    return f"| {sweep.epoch_s:g} s | {shown[0]} | {shown[1]} | {points:,.0f} | {first} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--driver-epoch-ms", type=float, default=DRIVER_EPOCH_MS)
    parser.add_argument("--driver-trial-ms", type=float, default=DRIVER_TRIAL_MS)
    parser.add_argument("--points", type=int, default=14, help="of an epoch (RePr's)")
    parser.add_argument("--epochs", type=int, default=50, help="of a trial")
    arguments = parser.parse_args()
    lines = [
        "# How large a sweep the design carries",
        "",
        "Command: `python tests/benchmarks/simulate_scaling.py"
        + "".join(f" {word}" for word in sys.argv[1:])
        + "`.",
        "",
        f"The driver takes an epoch in {arguments.driver_epoch_ms:g} ms and a trial's start and end in"
        f" {arguments.driver_trial_ms:g} ms (driver.md); requests and points as in logging.md. Trials of"
        f" {arguments.epochs} epochs with {arguments.points} points each. The driver gives in where trials wait for"
        f" more than {100 * SLOWED:g} % of their time, tracking where it needs longer than the sweep; nothing is lost"
        " then, it arrives later.",
    ]
    for name, (request_ms, point_ms) in STORES.items():
        costs = Costs(
            driver_epoch_s=arguments.driver_epoch_ms / 1000,
            driver_trial_s=arguments.driver_trial_ms / 1000,
            request_s=request_ms / 1000,
            point_s=point_ms / 1000,
        )
        lines += ["", f"## {name}: {request_ms:g} ms a request, {point_ms:g} ms a point", ""]
        lines += ["| an epoch takes | trials at once: driver | tracking | points/s then | first |"]
        lines += ["|---|---:|---:|---:|---|"]
        for epoch_s in EPOCHS_S:
            asked = Sweep(
                slots=1, trials=1, epochs=arguments.epochs, epoch_s=epoch_s, points=arguments.points
            )
            lines.append(row(asked, costs))
    text = "\n".join(lines) + "\n"
    print(text)
    (Path(__file__).parent / "results" / "scaling.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
