// Preloaded into a test's Redis: its clock is the number of microseconds that stands in the file SET_CLOCK_FILE.
// (libfaketime cannot be: it calls itself through jemalloc.)
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    static const volatile int64_t *clock;
    (void)zone;
    if (clock == NULL) {
        int file = open(getenv("SET_CLOCK_FILE"), O_RDONLY);
        clock = mmap(NULL, sizeof *clock, PROT_READ, MAP_SHARED, file, 0);
        close(file);
    }
    time->tv_sec = *clock / 1000000;
    time->tv_usec = *clock % 1000000;
    return 0;
}
