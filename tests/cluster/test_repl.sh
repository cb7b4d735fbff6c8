# The prompt on a real API server: scenarios about objects, under a pseudo-terminal.
. "$(dirname "$0")/lib/scenario.sh"
need_cluster
new_namespace

export NS KUBECONFIG SS_SOURCE_DIR=$SOURCE_DIR
export PYTHONPATH=$SOURCE_DIR/tests/repl
python=/usr/bin/python3 # Debian's, which has pyte
[ -x $python ] || python=python3
expect_exit 0 $python -B -m unittest -v tests/repl/on_cluster.py
grep -E "^(test_|Ran )" <<<"$ERR"
finish
