/* Many callers at once: sends RTP as Asterisk does, and notes when each packet of the bot's comes.
 *
 *     load CALLS WARM_MS MEASURE_MS FRAMES < commands > result
 *
 * FRAMES is a file of 640-octet payloads (slin16, big-endian), played in a circle; every call
 * begins at another place of it. The first line written holds the calls' UDP ports. The command
 * "go PORT" starts the calls towards 127.0.0.1:PORT; the last line written is one JSON object.
 *
 * Each call has a socket of its own and a grid of 20 ms of its own; the grids are spread evenly.
 * Arrivals carry the kernel's time stamp, so each call's are read when it sends: nobody waits for
 * them. On loopback the sender would pay for waking who waits, and no sender to a network does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEADER 12
#define PAYLOAD 640
#define TICK_NS 20000000LL
/* One step of the timestamp of what the bot sends: its clocks run at 8 kHz, G.722's too. */
#define STEP_NS 125000LL
#define STEPS_PER_TICK 160

struct call {
    int socket;
    uint32_t ssrc, sent;
    int64_t due;
    /* Of the bot's packets: the first and the highest sequence number and timestamp. */
    int started;
    uint16_t first_sequence;
    uint32_t first_timestamp, sequences, ticks;
    uint32_t received;
    int64_t earliest;
};

struct arrival {
    uint32_t call;
    int64_t offset; /* against the first packet of the call, less what its timestamp explains */
};

static struct call *calls;
static struct arrival *arrivals;
static size_t arrived, room;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static int open_socket(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) ||
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on))
        fail("a caller's socket (ulimit -n?)");
    return fd;
}

static unsigned port_of(int fd)
{
    struct sockaddr_in name;
    socklen_t size = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &size))
        fail("getsockname");
    return ntohs(name.sin_port);
}

static void note(struct call *call, const uint8_t *packet, int64_t at, int measured)
{
    uint16_t sequence = ntohs(*(const uint16_t *)(packet + 2));
    uint32_t timestamp = ntohl(*(const uint32_t *)(packet + 4));
    if (!measured)
        return;
    if (!call->started) {
        call->started = 1;
        call->first_sequence = sequence;
        call->first_timestamp = timestamp;
        call->earliest = INT64_MAX;
    }
    /* On loopback packets do not overtake each other; 16 bits last for 20 minutes. */
    call->sequences = (uint16_t)(sequence - call->first_sequence) + 1u;
    call->ticks = (timestamp - call->first_timestamp) / STEPS_PER_TICK + 1;
    call->received++;
    int64_t offset = at - (int64_t)(timestamp - call->first_timestamp) * STEP_NS;
    if (offset < call->earliest)
        call->earliest = offset;
    if (arrived < room)
        arrivals[arrived++] = (struct arrival){call - calls, offset};
}

static void drain(struct call *call, int64_t from)
{
    uint8_t packet[2048];
    char control[CMSG_SPACE(sizeof(struct timespec))];
    for (;;) {
        struct iovec part = {packet, sizeof packet};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
                                 .msg_controllen = sizeof control};
        ssize_t size = recvmsg(call->socket, &message, 0);
        if (size < HEADER)
            return;
        int64_t at = now();
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
            if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
                struct timespec stamp;
                memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
                at = stamp.tv_sec * 1000000000LL + stamp.tv_nsec;
            }
        note(call, packet, at, at >= from);
    }
}

static void send_frame(struct call *call, const uint8_t *frame)
{
    uint8_t packet[HEADER + PAYLOAD] = {0x80, 118};
    *(uint16_t *)(packet + 2) = htons((uint16_t)call->sent);
    *(uint32_t *)(packet + 4) = htonl(call->sent * 320);
    *(uint32_t *)(packet + 8) = htonl(call->ssrc);
    memcpy(packet + HEADER, frame, PAYLOAD);
    if (send(call->socket, packet, sizeof packet, 0) < 0 && errno != ECONNREFUSED)
        fail("send");
    call->sent++;
    call->due += TICK_NS;
}

static int by_size(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

static void print_spread(const char *name, float *values, size_t count)
{
    const double ranks[] = {0.5, 0.99, 0.999};
    const char *names[] = {"p50", "p99", "p999"};
    qsort(values, count, sizeof *values, by_size);
    printf("\"%s\":{", name);
    for (int i = 0; i < 3; i++)
        printf("\"%s\":%.3f,", names[i], count ? values[(size_t)(ranks[i] * (count - 1))] : 0.0);
    printf("\"max\":%.3f}", count ? values[count - 1] : 0.0);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return fprintf(stderr, "usage: load CALLS WARM_MS MEASURE_MS FRAMES\n"), 2;
    size_t count = strtoul(argv[1], NULL, 10);
    int64_t warm = strtoll(argv[2], NULL, 10) * 1000000, length = strtoll(argv[3], NULL, 10) * 1000000;
    FILE *file = fopen(argv[4], "rb");
    if (!file || !count)
        fail(argv[4]);
    fseek(file, 0, SEEK_END);
    size_t frames = ftell(file) / PAYLOAD;
    uint8_t *speech = malloc(frames * PAYLOAD);
    rewind(file);
    if (!frames || fread(speech, PAYLOAD, frames, file) != frames)
        fail(argv[4]);

    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    room = count * (length / TICK_NS + 100);
    size_t sends = count * ((warm + length) / TICK_NS + 2), sent = 0;
    calls = calloc(count, sizeof *calls);
    arrivals = calloc(room, sizeof *arrivals);
    float *pace = calloc(sends, sizeof *pace);
    if (!calls || !arrivals || !pace)
        fail("memory");
    for (size_t i = 0; i < count; i++) {
        calls[i].socket = open_socket();
        calls[i].ssrc = 0x1000 + i;
        printf("%u ", port_of(calls[i].socket));
    }
    printf("\n");
    fflush(stdout);

    unsigned port;
    if (scanf("go %u", &port) != 1)
        return fprintf(stderr, "no command\n"), 2;
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (size_t i = 0; i < count; i++)
        if (connect(calls[i].socket, (struct sockaddr *)&server, sizeof server))
            fail("connect");

    int64_t start = now() + TICK_NS, from = start + warm, end = from + length;
    for (size_t i = 0; i < count; i++)
        calls[i].due = start + (int64_t)(TICK_NS * i / count);
    /* The grids are spread evenly, so the calls come round in their order. */
    for (size_t next = 0;;) {
        int64_t at = now();
        if (at >= end)
            break;
        while (calls[next].due <= at) {
            struct call *call = &calls[next];
            if (at >= from && sent < sends)
                pace[sent++] = (now() - call->due) / 1e6f;
            send_frame(call, speech + (call->sent + 37 * next) % frames * PAYLOAD);
            drain(call, from);
            next = (next + 1) % count;
        }
        int64_t wait = calls[next].due - now();
        struct timespec pause = {0, wait};
        if (wait > 0)
            nanosleep(&pause, NULL);
    }
    for (size_t i = 0; i < count; i++)
        drain(&calls[i], from);

    uint64_t received = 0, missing = 0, skipped = 0, silent = 0, out = 0;
    for (size_t i = 0; i < count; i++) {
        received += calls[i].received;
        missing += calls[i].sequences - calls[i].received;
        skipped += calls[i].ticks - calls[i].sequences;
        silent += !calls[i].started;
        out += calls[i].sent;
    }
    float *late = malloc((arrived + 1) * sizeof *late);
    for (size_t i = 0; i < arrived; i++)
        late[i] = (arrivals[i].offset - calls[arrivals[i].call].earliest) / 1e6f;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"sent\":%lu,\"received\":%lu,\"missing\":%lu,\"skipped\":%lu,\"silent_calls\":%lu,"
           "\"cpu_s\":%.3f,",
           out, received, missing, skipped, silent,
           used.ru_utime.tv_sec + used.ru_stime.tv_sec +
               (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    print_spread("lateness_ms", late, arrived);
    printf(",");
    print_spread("own_lateness_ms", pace, sent);
    printf("}\n");
    return 0;
}
