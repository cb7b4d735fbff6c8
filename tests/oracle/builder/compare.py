"""compare.py SANDBOX_ORACLE COUNT [SEED]: equal bytes for COUNT generated inputs."""

import subprocess
import sys

from generate import Generator
from reference import build, encode


def answers(program, requests):
    text = "".join(request + "\n" for request in requests)
    run = subprocess.run([program], input=text.encode(), stdout=subprocess.PIPE, check=True)
    return run.stdout.decode().split("\n")[:-1]


def main(program, count, seed):
    generator = Generator(seed)
    inputs = [generator.input() for _ in range(count)]
    got = answers(program, [encode({"build": given}) for given in inputs])
    if len(got) != count:
        sys.exit(f"oracle.builder: {count} questions, {len(got)} answers")
    for number, (given, answer) in enumerate(zip(inputs, got)):
        want = '{"ok":' + encode(build(given)) + "}"
        if answer != want:
            sys.exit(
                f"oracle.builder: input {number} of seed {seed} differs\n"
                f"input {encode(given)}\nwant  {want}\ngot   {answer}"
            )
    total = sum(len(answer) for answer in got)
    print(f"oracle.builder: {count} inputs, seed {seed}: equal bytes ({total >> 10} KiB), "
          "JSON and YAML replays agree")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 20261124)
