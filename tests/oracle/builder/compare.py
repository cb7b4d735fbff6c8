"""compare.py SANDBOX_ORACLE SANDSCRIPT COUNT [SEED]: equal bytes for COUNT generated inputs, by the
builder alone and by way of a Lua table."""

import os
import subprocess
import sys

from generate import Generator
from reference import build, encode


REPLAY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "replay.lua")


def answers(command, requests):
    text = "".join(request + "\n" for request in requests)
    run = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True)
    got = run.stdout.decode().split("\n")[:-1]
    if len(got) != len(requests):
        sys.exit(f"oracle.builder: {command}: {len(requests)} questions, {len(got)} answers")
    return got


def compare(way, inputs, wanted, got):
    for number, (given, want, answer) in enumerate(zip(inputs, wanted, got)):
        if answer != want:
            sys.exit(
                f"oracle.builder: {way}: input {number} differs\n"
                f"input {encode(given)}\nwant  {want}\ngot   {answer}"
            )


def main(oracle, program, count, seed):
    generator = Generator(seed)
    inputs = [generator.input() for _ in range(count)]
    wanted = [encode(build(given)) for given in inputs]
    got = answers([oracle], [encode({"build": given}) for given in inputs])
    compare(f"builder, seed {seed}", inputs, ['{"ok":' + want + "}" for want in wanted], got)
    got = answers([program, "run", REPLAY], [encode(given) for given in inputs])
    compare(f"Lua replay, seed {seed}", inputs, wanted, got)
    total = sum(len(want) for want in wanted)
    print(f"oracle.builder: {count} inputs, seed {seed}: equal bytes ({total >> 10} KiB), "
          "JSON, YAML and Lua replays agree")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 20261124)
