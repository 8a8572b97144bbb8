/* The least that the same packets can cost: each datagram is answered by one of the bot's size.
 *
 *     floor
 *
 * Writes its UDP port, echoes until it is ended by SIGTERM. Nothing is decoded, judged, mixed or
 * paced: one blocking read and one write for each packet, in C.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#define HEADER 12
#define ANSWER (HEADER + 160)

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
        uint8_t packet[2048];
        struct sockaddr_in source;
        socklen_t length = sizeof source;
        ssize_t got = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&source, &length);
        if (got < ANSWER)
            continue;
        /* Payload type 9 has a clock of 8 kHz, what comes one of 16 kHz. */
        packet[1] = 9;
        *(uint32_t *)(packet + 4) = htonl(ntohl(*(uint32_t *)(packet + 4)) / 2);
        sendto(fd, packet, ANSWER, 0, (struct sockaddr *)&source, length);
    }
}
