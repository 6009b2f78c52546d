/* Load on a media server: N calls, one 20 ms mu-law message each every 20 ms (phases spread evenly), on one core.
 *
 *   loadgen KIND PORT SECONDS_WARM SECONDS_MEASURED PID SPEECH.ulaw CALLS.txt        prints one JSON object
 *
 * KIND is who hears a call, and in which words:
 *   json    itself. The product's own messages, in assistive sessions whose customer and agent are one socket, so that
 *           every message comes back as `audio.output`;
 *   pairs   the next one: two telephones each, Twilio's messages;
 *   echo    itself, Twilio's messages;
 *   closed  as echo, but each call sends its next message when the last one has come back: the server is saturated.
 * CALLS.txt: a line per call, "PATH" or "PATH TOKEN PARTICIPANT" (custom parameters of Twilio's start message).
 *
 * Delay of message k: from writing it to having received the payload bytes of k messages at its listener. The server's
 * CPU is read from /proc/<pid>/task/<tid>/schedstat over exactly the measured window, all threads.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 160, FRAME_MS = 20, PENDING = 1024, INBOX = 1 << 16, SLOTS = 40, SLOT_US = 500 };

typedef struct Call {
    int fd, slot, filled, dead;
    unsigned sent, heard, offset;
    unsigned long payload;
    struct Call *heard_from;
    char stream[40];
    double at[PENDING];
    unsigned char inbox[INBOX];
} Call;

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static unsigned char *speech;
static long speech_len;
static float *delays;
static long delay_count, delay_room;
static int measuring, twilio, closed;
static unsigned long frames_sent, frames_heard, others;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int base64(const unsigned char *in, int n, char *out) {
    int k = 0;
    for (int i = 0; i < n; i += 3) {
        int left = n - i;
        unsigned v = in[i] << 16 | (left > 1 ? in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
        out[k++] = ALPHABET[v >> 18];
        out[k++] = ALPHABET[v >> 12 & 63];
        out[k++] = left > 1 ? ALPHABET[v >> 6 & 63] : '=';
        out[k++] = left > 2 ? ALPHABET[v & 63] : '=';
    }
    out[k] = 0;
    return k;
}

/* A masked client frame (RFC 6455, 5.2); what does not fit into the socket at once counts as a dead call. */
static void write_frame(Call *call, int opcode, const char *text, int n) {
    unsigned char frame[1200], mask[4];
    int head = 2;
    frame[0] = 0x80 | opcode;
    if (n < 126) {
        frame[1] = 0x80 | n;
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = n >> 8;
        frame[3] = n;
        head = 4;
    }
    unsigned r = rand();
    memcpy(mask, &r, 4);
    memcpy(frame + head, mask, 4);
    for (int i = 0; i < n; i++) frame[head + 4 + i] = text[i] ^ mask[i & 3];
    if (!call->dead && send(call->fd, frame, head + 4 + n, MSG_NOSIGNAL | MSG_DONTWAIT) != head + 4 + n) call->dead = 1;
}

static void speak(Call *call, const char *speaker) {
    unsigned char sound[FRAME];
    char payload[FRAME * 2], text[700];
    for (int i = 0; i < FRAME; i++) sound[i] = speech[(call->offset + i) % speech_len];
    base64(sound, FRAME, payload);
    int n = twilio ? snprintf(text, sizeof text,
                     "{\"event\":\"media\",\"sequenceNumber\":\"%u\",\"media\":{\"track\":\"inbound\",\"chunk\":\"%u\","
                     "\"timestamp\":\"%u\",\"payload\":\"%s\"},\"streamSid\":\"%s\"}",
                     call->sent + 2, call->sent + 1, call->sent * FRAME_MS, payload, call->stream)
                   : snprintf(text, sizeof text,
                     "{\"type\":\"audio.input\",\"sequence\":%u,\"timestamp_ms\":%u,\"speaker\":\"%s\","
                     "\"audio\":{\"encoding\":\"mulaw\",\"sample_rate_hz\":8000,\"payload\":\"%s\"}}",
                     call->sent, call->sent * FRAME_MS, speaker, payload);
    write_frame(call, 1, text, n);
}

static void speak_next(Call *call) {
    call->at[call->sent % PENDING] = now();
    speak(call, "customer");
    call->sent++;
    call->offset = (call->offset + FRAME) % speech_len;
    frames_sent += measuring;
}

/* Twilio's first two messages; the rest follows when everybody is in. */
static void introduce(Call *call, int number, const char *token, const char *participant) {
    char text[700];
    snprintf(call->stream, sizeof call->stream, "MZ%032d", number);
    int n = snprintf(text, sizeof text, "{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}");
    write_frame(call, 1, text, n);
    n = snprintf(text, sizeof text,
                 "{\"event\":\"start\",\"sequenceNumber\":\"1\",\"start\":{\"streamSid\":\"%s\",\"callSid\":\"CA%032d\","
                 "\"tracks\":[\"inbound\"],\"mediaFormat\":{\"encoding\":\"audio/x-mulaw\",\"sampleRate\":8000,\"channels\":1},"
                 "\"customParameters\":{\"token\":\"%s\",\"participant\":\"%s\"}},\"streamSid\":\"%s\"}",
                 call->stream, number, token, participant, call->stream);
    write_frame(call, 1, text, n);
}

static void hear(Call *ear, const char *text, long n, double at) {
    static const char key[] = "\"payload\":";
    const char *found = memmem(text, n, key, sizeof key - 1);
    if (found) found = memchr(found + sizeof key - 1, '"', text + n - found - sizeof key + 1);
    if (!found) {
        others++;
        return;
    }
    found++;
    Call *call = ear->heard_from;
    const char *end = memchr(found, '"', text + n - found);
    long coded = end - found;
    call->payload += coded / 4 * 3 - (coded && end[-1] == '=') - (coded > 1 && end[-2] == '=');
    while (call->heard < call->sent && call->payload >= (unsigned long)(call->heard + 1) * FRAME) {
        if (measuring && delay_count < delay_room) delays[delay_count++] = (at - call->at[call->heard % PENDING]) * 1e3;
        call->heard++;
        frames_heard += measuring;
        if (closed) speak_next(call);
    }
}

static void read_frames(Call *call) {
    for (;;) {
        ssize_t got = recv(call->fd, call->inbox + call->filled, INBOX - call->filled, MSG_DONTWAIT);
        if (got <= 0) {
            if (got == 0 || errno != EAGAIN) call->dead = 1;
            return;
        }
        double at = now();
        call->filled += got;
        int done = 0;
        while (call->filled - done >= 4) {
            unsigned char *frame = call->inbox + done;
            long size = frame[1] & 127;
            int head = 2;
            if (size == 126) {
                size = frame[2] << 8 | frame[3];
                head = 4;
            }
            if (call->filled - done < head + size) break;
            int opcode = frame[0] & 15;
            if (opcode == 1) hear(call, (char *)frame + head, size, at);
            if (opcode == 9) write_frame(call, 10, (char *)frame + head, size);
            if (opcode == 8) call->dead = 1;
            done += head + size;
        }
        memmove(call->inbox, call->inbox + done, call->filled - done);
        call->filled -= done;
    }
}

static void open_call(Call *call, int port, const char *path) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char request[1024], answer[2048];
    int one = 1, got = 0;
    call->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(call->fd, (void *)&to, sizeof to)) die("connect");
    setsockopt(call->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                     path);
    if (send(call->fd, request, n, MSG_NOSIGNAL) != n) die("send");
    while (got < 4 || memcmp(answer + got - 4, "\r\n\r\n", 4)) {
        if (got >= (int)sizeof answer - 1 || recv(call->fd, answer + got, 1, 0) != 1) die("handshake");
        got++;
    }
    if (memcmp(answer, "HTTP/1.1 101", 12)) {
        fprintf(stderr, "%.*s\n", got, answer);
        exit(1);
    }
    fcntl(call->fd, F_SETFL, O_NONBLOCK);
}

/* Seconds that the threads of a process have run, and waited for a core. */
static void schedstat(const char *pid, double *run, double *waited) {
    char path[600];
    *run = *waited = 0;
    snprintf(path, sizeof path, "/proc/%s/task", pid);
    DIR *tasks = opendir(path);
    if (!tasks) die(path);
    for (struct dirent *task; (task = readdir(tasks));) {
        unsigned long ran, stood;
        snprintf(path, sizeof path, "/proc/%s/task/%s/schedstat", pid, task->d_name);
        FILE *file = task->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (!file) continue;
        if (fscanf(file, "%lu %lu", &ran, &stood) == 2) {
            *run += ran * 1e-9;
            *waited += stood * 1e-9;
        }
        fclose(file);
    }
    closedir(tasks);
}

static int rising(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double percentile(double share) {
    return delay_count ? delays[(long)((delay_count - 1) * share)] : -1;
}

static void *slurp(const char *path, long *size) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    fseek(file, 0, SEEK_END);
    *size = ftell(file);
    rewind(file);
    char *data = malloc(*size + 1);
    if (fread(data, 1, *size, file) != (size_t)*size) die(path);
    data[*size] = 0;
    fclose(file);
    return data;
}

int main(int argc, char **argv) {
    if (argc != 8) {
        fprintf(stderr, "loadgen json|pairs|echo|closed PORT WARM_S MEASURED_S PID SPEECH.ulaw CALLS.txt\n");
        return 2;
    }
    const char *kind = argv[1];
    closed = !strcmp(kind, "closed");
    twilio = strcmp(kind, "json");
    int pairs = !strcmp(kind, "pairs"), port = atoi(argv[2]), count = 0;
    double warm_s = atof(argv[3]), measured_s = atof(argv[4]);
    const char *pid = argv[5];
    long listed_len;
    speech = slurp(argv[6], &speech_len);
    char *listed = slurp(argv[7], &listed_len);
    for (long i = 0; i < listed_len; i++) count += listed[i] == '\n';
    struct rlimit files = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &files);

    Call *calls = calloc(count, sizeof *calls);
    int poll = epoll_create1(0);
    char *line = strtok(listed, "\n");
    for (int i = 0; i < count; i++, line = strtok(NULL, "\n")) {
        Call *call = &calls[i];
        char path[400] = "/", token[300] = "", participant[20] = "";
        sscanf(line, "%399s %299s %19s", path, token, participant);
        open_call(call, port, path);
        call->heard_from = pairs ? &calls[i ^ 1] : call;
        call->slot = (long)i * SLOTS / count;
        call->offset = (unsigned)((long)i * 7919 * FRAME % speech_len);
        struct epoll_event want = {.events = EPOLLIN, .data.ptr = call};
        epoll_ctl(poll, EPOLL_CTL_ADD, call->fd, &want);
        if (twilio) introduce(call, i, token, participant);
        /* Speaking once as the agent makes this socket the agent's ear, too. */
        else speak(call, "agent");
    }

    /* Never asleep: the kernel charges waking a reader to whoever sends, and a far client's machine is not woken so.
     * Who measures for minutes looks at memory, not at cores, and leaves a core to others. */
    int patience_ms = measured_s > 60 ? 1 : 0;
    delay_room = closed ? (long)(measured_s * 400000) : (long)(count * (measured_s + 2) * 1000 / FRAME_MS) + 1000;
    delays = malloc(delay_room * sizeof *delays);
    double start = now() + 0.5 + count * 0.002, ran0 = 0, stood0 = 0, ran1, stood1, own0 = 0, began = 0, latest = 0;
    struct rusage used;
    long slots = 0;
    for (;;) {
        struct epoll_event events[512];
        int n = epoll_wait(poll, events, 512, patience_ms);
        for (int i = 0; i < n; i++) read_frames(events[i].data.ptr);
        double at = now();
        for (; start + slots * SLOT_US * 1e-6 <= at; slots++) {
            double late = (at - start) - slots * SLOT_US * 1e-6;
            if (measuring && late > latest) latest = late;
            for (int i = 0; i < count; i++)
                if (calls[i].slot == slots % SLOTS && !(closed && calls[i].sent)) speak_next(&calls[i]);
        }
        if (!measuring && at >= start + warm_s) {
            measuring = 1;
            began = at;
            schedstat(pid, &ran0, &stood0);
            getrusage(RUSAGE_SELF, &used);
            own0 = used.ru_utime.tv_sec + used.ru_utime.tv_usec * 1e-6 + used.ru_stime.tv_sec + used.ru_stime.tv_usec * 1e-6;
        }
        if (measuring && at >= began + measured_s) break;
    }
    double window = now() - began;
    schedstat(pid, &ran1, &stood1);
    getrusage(RUSAGE_SELF, &used);
    double own = used.ru_utime.tv_sec + used.ru_utime.tv_usec * 1e-6 + used.ru_stime.tv_sec + used.ru_stime.tv_usec * 1e-6 - own0;
    int dead = 0;
    for (int i = 0; i < count; i++) dead += calls[i].dead;
    qsort(delays, delay_count, sizeof *delays, rising);
    printf("{\"calls\":%d,\"dead\":%d,\"frames_in\":%lu,\"frames_out\":%lu,\"other_messages\":%lu,\"p50_ms\":%.3f,"
           "\"p99_ms\":%.3f,\"max_ms\":%.3f,\"worker_cores\":%.4f,\"worker_waited\":%.4f,\"us_per_frame\":%.2f,"
           "\"loadgen_cores\":%.4f,\"loadgen_late_ms\":%.2f}\n",
           count, dead, frames_sent, frames_heard, others, percentile(0.5), percentile(0.99), percentile(1.0),
           (ran1 - ran0) / window, (stood1 - stood0) / window, frames_sent ? (ran1 - ran0) * 1e6 / frames_sent : 0,
           own / window, latest * 1e3);
    return 0;
}
