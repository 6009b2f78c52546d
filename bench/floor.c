/* The least that a Twilio frame in and out can cost here: one epoll thread in C that echoes every call.
 *
 * Per frame: unmask, find the payload, base64 to mu-law to 16-bit PCM and back, JSON, send. No VAD, no recording, no
 * checks of anything: whoever sends something else gets nothing sensible. Prints {"port": …} when it listens.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INBOX = 1 << 16, LONGEST = 1200 };

typedef struct {
    int fd, filled, upgraded, gone;
    char stream[64];
    unsigned char inbox[INBOX];
} Call;

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char UPGRADED[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"; /* to the one key that our load generator has */
static uint8_t sextet[256], mulaw[65536];
static int16_t linear[256];

/* ITU-T G.711 */
static void fill_tables(void) {
    for (int i = 0; i < 64; i++) sextet[(int)ALPHABET[i]] = i;
    for (int i = 0; i < 256; i++) {
        int code = ~i & 255, magnitude = (((code & 15) << 3) + 132) << (code >> 4 & 7);
        linear[i] = code & 128 ? 132 - magnitude : magnitude - 132;
    }
    for (int i = 0; i < 65536; i++) {
        int value = (int16_t)i, sign = value < 0 ? 128 : 0, exponent = 7;
        value = (value < 0 ? -value : value) + 132;
        if (value > 32767) value = 32767;
        while (exponent && !(value & 128 << exponent)) exponent--;
        mulaw[i] = ~(sign | exponent << 4 | (value >> (exponent + 3) & 15));
    }
}

static int decoded(const char *in, int n, int16_t *pcm) {
    int k = 0;
    for (int i = 0; i + 4 <= n; i += 4) {
        unsigned v = sextet[(uint8_t)in[i]] << 18 | sextet[(uint8_t)in[i + 1]] << 12 | sextet[(uint8_t)in[i + 2]] << 6 |
                     sextet[(uint8_t)in[i + 3]];
        pcm[k++] = linear[v >> 16];
        if (in[i + 2] != '=') pcm[k++] = linear[v >> 8 & 255];
        if (in[i + 3] != '=') pcm[k++] = linear[v & 255];
    }
    return k;
}

static int encoded(const int16_t *pcm, int n, char *out) {
    int k = 0;
    for (int i = 0; i < n; i += 3) {
        int left = n - i;
        unsigned v = mulaw[(uint16_t)pcm[i]] << 16;
        if (left > 1) v |= mulaw[(uint16_t)pcm[i + 1]] << 8;
        if (left > 2) v |= mulaw[(uint16_t)pcm[i + 2]];
        out[k++] = ALPHABET[v >> 18];
        out[k++] = ALPHABET[v >> 12 & 63];
        out[k++] = left > 1 ? ALPHABET[v >> 6 & 63] : '=';
        out[k++] = left > 2 ? ALPHABET[v & 63] : '=';
    }
    return k;
}

static void unmask(unsigned char *text, long n, const unsigned char *mask) {
    uint64_t wide, word;
    memcpy(&wide, mask, 4);
    memcpy((char *)&wide + 4, mask, 4);
    long i = 0;
    for (; i + 8 <= n; i += 8) {
        memcpy(&word, text + i, 8);
        word ^= wide;
        memcpy(text + i, &word, 8);
    }
    for (; i < n; i++) text[i] ^= mask[i & 3];
}

static const char *value_of(const char *key, const char *text, long n) {
    const char *at = memmem(text, n, key, strlen(key));
    return at ? at + strlen(key) : NULL;
}

/* One message in, the bytes of its answer out. */
static int answer(Call *call, const char *text, long n, char *out) {
    const char *payload = value_of("\"payload\":\"", text, n);
    if (!payload) {
        const char *stream = value_of("\"streamSid\":\"", text, n);
        if (stream) sscanf(stream, "%63[^\"]", call->stream);
        return 0;
    }
    int16_t pcm[LONGEST];
    char body[LONGEST * 2];
    const char *end = memchr(payload, '"', text + n - payload);
    if (!end || end - payload > LONGEST) return 0;
    int samples = decoded(payload, end - payload, pcm);
    int size = sprintf(body, "{\"event\":\"media\",\"streamSid\":\"%s\",\"media\":{\"payload\":\"", call->stream);
    size += encoded(pcm, samples, body + size);
    size += sprintf(body + size, "\"}}");
    int head = size < 126 ? 2 : 4;
    out[0] = (char)0x81;
    out[1] = size < 126 ? size : 126;
    if (head == 4) out[2] = size >> 8, out[3] = size;
    memcpy(out + head, body, size);
    return head + size;
}

static void tell(Call *call, const char *bytes, long n) {
    if (n && send(call->fd, bytes, n, MSG_NOSIGNAL) != n) call->gone = 1;
}

static void serve(Call *call) {
    ssize_t got = recv(call->fd, call->inbox + call->filled, INBOX - 1 - call->filled, 0);
    if (got <= 0) {
        call->gone = got == 0 || errno != EAGAIN;
        return;
    }
    call->filled += got;
    int done = 0;
    if (!call->upgraded) {
        unsigned char *end = memmem(call->inbox, call->filled, "\r\n\r\n", 4);
        if (!end) return;
        tell(call, UPGRADED, sizeof UPGRADED - 1);
        done = end + 4 - call->inbox;
        call->upgraded = 1;
    }
    char out[INBOX];
    int waiting = 0;
    while (call->filled - done >= 8) {
        unsigned char *frame = call->inbox + done;
        long size = frame[1] & 127;
        int head = 2;
        if (size == 126) size = frame[2] << 8 | frame[3], head = 4;
        if (call->filled - done < head + 4 + size) break;
        unsigned char *text = frame + head + 4;
        unmask(text, size, frame + head);
        if ((frame[0] & 15) == 8) call->gone = 1;
        if ((frame[0] & 15) == 1) waiting += answer(call, (char *)text, size, out + waiting);
        if (waiting > INBOX - 2 * LONGEST) tell(call, out, waiting), waiting = 0;
        done += head + 4 + size;
    }
    tell(call, out, waiting);
    memmove(call->inbox, call->inbox + done, call->filled - done);
    call->filled -= done;
}

int main(void) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    struct rlimit files = {65536, 65536};
    int one = 1, door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    fill_tables();
    if (bind(door, (void *)&here, sizeof here) || listen(door, 4096) || getsockname(door, (void *)&here, &length)) {
        perror("listen");
        return 1;
    }
    struct epoll_event want = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poll, EPOLL_CTL_ADD, door, &want);
    printf("{\"port\": %d}\n", ntohs(here.sin_port));
    fflush(stdout);
    for (;;) {
        struct epoll_event events[512];
        int n = epoll_wait(poll, events, 512, -1);
        for (int i = 0; i < n; i++) {
            Call *call = events[i].data.ptr;
            if (!call) {
                int fd = accept4(door, NULL, NULL, SOCK_NONBLOCK);
                if (fd < 0) continue;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                call = calloc(1, sizeof *call);
                call->fd = fd;
                struct epoll_event ready = {.events = EPOLLIN, .data.ptr = call};
                epoll_ctl(poll, EPOLL_CTL_ADD, fd, &ready);
                continue;
            }
            serve(call);
            if (call->gone) close(call->fd), free(call);
        }
    }
}
