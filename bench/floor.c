/* The least that the same packets can cost: each datagram is answered by one of the bot's size.
 *
 *     floor
 *
 * Writes its UDP port, echoes until it is ended by SIGTERM. Nothing is decoded, judged, mixed or
 * paced: it reads all that waits with one system call and answers it with another, as the media
 * plane does, and then sleeps for MILLISECONDS, so that as many packets are waiting again.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#define HEADER 12
#define ANSWER (HEADER + 320)
#define BATCH 128
#define MILLISECONDS 2

static uint8_t packets[BATCH][2048];
static struct sockaddr_in sources[BATCH];
static struct iovec parts[BATCH];
static struct mmsghdr in[BATCH], out[BATCH];

/* What comes is answered as L16 at 8 kHz: type 11, and a timestamp that counts half as fast. */
static void answer(const struct mmsghdr *message, struct mmsghdr *reply)
{
    uint8_t *packet = message->msg_hdr.msg_iov->iov_base;
    packet[1] = 11;
    *(uint32_t *)(packet + 4) = htonl(ntohl(*(uint32_t *)(packet + 4)) / 2);
    *reply = *message;
}

int main(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    int room = 16 << 20, fd = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, size) ||
        getsockname(fd, (struct sockaddr *)&name, &size))
        return perror("floor"), 1;
    printf("%u\n", ntohs(name.sin_port));
    fflush(stdout);
    for (;;) {
        const struct timespec pause = {0, MILLISECONDS * 1000000};
        int got;
        do {
            int replies = 0;
            for (int i = 0; i < BATCH; i++) {
                parts[i] = (struct iovec){packets[i], sizeof packets[i]};
                in[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1,
                                                .msg_name = &sources[i],
                                                .msg_namelen = sizeof sources[i]};
            }
            got = recvmmsg(fd, in, BATCH, MSG_DONTWAIT, NULL);
            for (int i = 0; i < got; i++)
                if (in[i].msg_len >= ANSWER) {
                    answer(&in[i], &out[replies++]);
                    parts[i].iov_len = ANSWER;
                }
            for (int sent = 0, now; sent < replies; sent += now)
                if ((now = sendmmsg(fd, out + sent, replies - sent, 0)) < 0)
                    now = 1;
        } while (got == BATCH);
        nanosleep(&pause, NULL);
    }
}
