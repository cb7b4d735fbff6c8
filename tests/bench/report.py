"""What the benchmarks share: programs that are measured, and lines of the report."""

import os
import statistics
import subprocess
import tempfile

ROUNDS = 3
MEASURE = None  # the program that runs all others; set by bench.py


class Failed(Exception):
    pass


def need(program):
    if not os.path.exists(program):
        raise Failed(f"{os.path.basename(program)} was not built")


def run(command, env=None):
    """Runs it and returns (stdout, wall seconds, CPU seconds, peak resident MB)."""
    with tempfile.NamedTemporaryFile("r") as cost:
        done = subprocess.run([MEASURE, cost.name, *command], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, env=env, check=False)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no message"]
            raise Failed(f"{os.path.basename(command[0])}: exit code {done.returncode}: {lines[-1]}")
        wall, cpu, kilobytes = map(float, cost.read().split())
        return done.stdout, wall, cpu, kilobytes / 1024


def median_ratio(ours, theirs):
    """Of the rounds one by one: what disturbs the machine disturbs both."""
    return statistics.median(a / b for a, b in zip(ours, theirs))


def row(what, who, value, unit, **more):
    return {"bench": what, "program": who, "value": round(value, 3), "unit": unit, **more}


def compared(what, ratio, peer, goal, at_most=True):
    """A line with the ratio of sandscript to the peer and whether it meets the goal."""
    met = ratio <= goal if at_most else ratio >= goal
    return {"bench": what, "ratio": round(ratio, 3), "peer": peer,
            "goal": f"{'<=' if at_most else '>='} {goal:.2f}", "met": met}


def below(what, value, unit, goal):
    return {"bench": what, "value": round(value, 3), "unit": unit, "goal": f"<= {goal:g} {unit}",
            "met": value <= goal}


def text_line(line):
    if "program" in line:
        return f"{line['bench']:<26}{line['program']:<14}{line['value']:>10.2f} {line['unit']}"
    verdict = "met" if line["met"] else "MISSED"
    if "ratio" in line:
        return f"{line['bench']:<26}{'/ ' + line['peer']:<14}{line['ratio']:>10.2f} {'':<12} goal {line['goal']:<12} {verdict}"
    return f"{line['bench']:<26}{'':<14}{line['value']:>10.2f} {line['unit']:<12} goal {line['goal']:<12} {verdict}"
