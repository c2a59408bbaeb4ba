/* A runtime with one state per process, as a native library behind Python has it: started once,
 * cancelled for good by the first shutdown, and used again by whoever comes later. */
#include <stdlib.h>

static int started, cancelled;

void runtime_start(void)
{
    if (cancelled)
        abort();
    started = 1;
}

void runtime_shutdown(void)
{
    if (started)
        cancelled = 1;
}

void runtime_reset(void) { started = cancelled = 0; }
