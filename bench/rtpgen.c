/* Telephones of N calls: each sends an RTP packet of 20 ms of mu-law every 20 ms (phases spread evenly) and takes what comes.
 *
 *   rtpgen SECONDS_WARM SECONDS_MEASURED PID SPEECH.ulaw PORTS.txt        prints one JSON object
 *
 * PORTS.txt: a port on loopback per call. The server's CPU is read as in loadgen.c, over exactly the measured window.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 160, HEADER = 12, FRAME_MS = 20, SLOTS = 40, SLOT_US = 500, MOST = 4096 };

typedef struct {
    int fd, slot;
    unsigned sequence, offset, ssrc;
} Call;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double ran(const char *pid) {
    char path[600];
    double sum = 0;
    snprintf(path, sizeof path, "/proc/%s/task", pid);
    DIR *tasks = opendir(path);
    if (!tasks) exit(1);
    for (struct dirent *task; (task = readdir(tasks));) {
        unsigned long ns;
        snprintf(path, sizeof path, "/proc/%s/task/%s/schedstat", pid, task->d_name);
        FILE *file = task->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (!file) continue;
        if (fscanf(file, "%lu", &ns) == 1) sum += ns * 1e-9;
        fclose(file);
    }
    closedir(tasks);
    return sum;
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    double warm_s = atof(argv[1]), measured_s = atof(argv[2]);
    static unsigned char speech[1 << 20];
    FILE *file = fopen(argv[4], "rb");
    long length = fread(speech, 1, sizeof speech, file);
    fclose(file);
    static Call calls[MOST];
    int count = 0, port, poll = epoll_create1(0);
    file = fopen(argv[5], "r");
    for (; count < MOST && fscanf(file, "%d", &port) == 1; count++) {
        Call *call = &calls[count];
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        call->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        if (connect(call->fd, (struct sockaddr *)&to, sizeof to)) exit(1);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = call};
        epoll_ctl(poll, EPOLL_CTL_ADD, call->fd, &event);
        call->slot = count % SLOTS;
        call->offset = count * 1237L % length;
        call->ssrc = htonl(count + 1);
    }
    fclose(file);
    unsigned long sent = 0, heard = 0;
    int measuring = 0;
    long slots = 0;
    double start = now() + 0.2, began = 0, before = 0, latest = 0;
    for (;;) {
        struct epoll_event events[512];
        unsigned char packet[1500];
        int n = epoll_wait(poll, events, 512, 0);
        for (int i = 0; i < n; i++)
            while (recv(((Call *)events[i].data.ptr)->fd, packet, sizeof packet, 0) > 0) heard += measuring;
        double at = now();
        for (; start + slots * SLOT_US * 1e-6 <= at; slots++) {
            double late = at - start - slots * SLOT_US * 1e-6;
            if (measuring && late > latest) latest = late;
            for (int i = 0; i < count; i++) {
                Call *call = &calls[i];
                if (call->slot != slots % SLOTS) continue;
                unsigned timestamp = htonl(call->sequence * FRAME);
                packet[0] = 0x80;
                packet[1] = 0;
                packet[2] = call->sequence >> 8;
                packet[3] = call->sequence;
                memcpy(packet + 4, &timestamp, 4);
                memcpy(packet + 8, &call->ssrc, 4);
                for (int k = 0; k < FRAME; k++) packet[HEADER + k] = speech[(call->offset + k) % length];
                call->offset = (call->offset + FRAME) % length;
                call->sequence++;
                sent += measuring && send(call->fd, packet, HEADER + FRAME, 0) > 0;
                if (!measuring) send(call->fd, packet, HEADER + FRAME, 0);
            }
        }
        if (!measuring && at >= start + warm_s) {
            measuring = 1;
            began = at;
            before = ran(argv[3]);
        }
        if (measuring && at >= began + measured_s) break;
    }
    double window = now() - began, used = ran(argv[3]) - before;
    printf("{\"calls\":%d,\"sent\":%lu,\"heard\":%lu,\"us_per_frame\":%.2f,\"cores\":%.4f,\"late_ms\":%.2f}\n", count, sent, heard,
           used * 1e6 / (sent ? sent : 1), used / window, latest * 1e3);
    return 0;
}
