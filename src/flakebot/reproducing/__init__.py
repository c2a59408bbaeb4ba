"""Running iterations: processes, containers, their output, and the records of what came of them.

The only place that starts processes. Nothing here waits without a bound: what does not end is
ended, and what cannot be ended is given up.
"""
