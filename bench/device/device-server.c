/* Benchmark only: many Modbus TCP devices in one process, on libmodbus, which is not ours, so that the device side costs
 * next to nothing and is nobody's advantage.
 *
 *   device-server rings   LINKS UNITS RATE_HZ DEPTH     three-axis accelerometers, ring layout of `Ring` in domain/model.ts
 *   device-server scalars LINKS UNITS POINTS            float32 in input registers 0, 2, 4, ...: each changes every second
 *
 * Listens on LINKS free ports of 127.0.0.1, prints them as one line of JSON, then answers until standard input ends.
 * A request is answered from the registers as they are at its instant; unit ids count from 1 on each port. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <modbus.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 18, SAMPLES_AT = 32, AXES = 3, WAVE = 4096 };

static int units, links, rings, points;
static double rate_hz;
static uint32_t depth;
static uint64_t boot_us;
static int16_t wave[WAVE];

typedef struct {
  modbus_mapping_t *map;
  uint32_t boot_id;
  uint64_t filled; /* samples per axis that were put into the ring so far */
  uint64_t second; /* scalars: the second whose values stand there */
} device_t;
static device_t *devices;

static uint64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static void put32(uint16_t *at, uint32_t value) {
  at[0] = value >> 16;
  at[1] = value & 0xffff;
}
static void put64(uint16_t *at, uint64_t value) {
  put32(at, value >> 32);
  put32(at + 2, value & 0xffffffffu);
}

/* Shaking of about 8 gal at 1 to 3 Hz with a step of 2 g / 32768: enough to compute with, below any limit. */
static void refresh_ring(device_t *d, uint64_t us) {
  uint16_t *registers = d->map->tab_registers;
  uint64_t count = (uint64_t)(us / 1e6 * rate_hz) + 1;
  if (count - d->filled > depth) d->filled = count - depth;
  for (; d->filled < count; d->filled++) {
    uint16_t *sample = registers + SAMPLES_AT + (d->filled % depth) * AXES;
    for (int axis = 0; axis < AXES; axis++)
      sample[axis] = (uint16_t)wave[(d->filled * (axis + 1) + d->boot_id * 97) % WAVE];
  }
  put32(registers, d->boot_id);
  put32(registers + 2, (uint32_t)(count - 1));
  put64(registers + 4, (uint64_t)((count - 1) / rate_hz * 1e6));
  put64(registers + 8, us);
  put32(registers + 12, (uint32_t)(rate_hz * 1000));
  put32(registers + 14, depth);
  registers[16] = AXES;
  registers[17] = 0;
}

/* Within the ranges of model sim-logger-10: m, m, degC, degC, four deg, hPa, V. */
static const float USUAL[] = {1, 1, 10, 10, 1, 1, 1, 1, 1000, 12};
enum { USUALS = sizeof USUAL / sizeof *USUAL };

static void refresh_scalars(device_t *d, uint64_t us) {
  uint64_t second = us / 1000000u + 1;
  if (second == d->second) return;
  d->second = second;
  for (int p = 0; p < points; p++) {
    float value = USUAL[p % USUALS] + 0.001f * (float)((second * 7 + p * 13 + d->boot_id) % 1000);
    uint32_t bits;
    memcpy(&bits, &value, 4);
    put32(d->map->tab_input_registers + 2 * p, bits);
  }
}

static int listen_free(int *port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 64) < 0) die("listen");
  if (getsockname(fd, (struct sockaddr *)&at, &length) < 0) die("getsockname");
  *port = ntohs(at.sin_port);
  return fd;
}

static void make_devices(void) {
  devices = calloc((size_t)links * units, sizeof *devices);
  if (!devices) die("calloc");
  for (int i = 0; i < links * units; i++) {
    int holding = rings ? SAMPLES_AT + AXES * (int)depth : 0;
    devices[i].map = modbus_mapping_new(0, 0, holding, rings ? 0 : 2 * points);
    if (!devices[i].map) die("modbus_mapping_new");
    devices[i].boot_id = 1000u + i;
  }
}

static void answer(modbus_t *ctx, int fd, int link, int epoll) {
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  modbus_set_socket(ctx, fd);
  int length = modbus_receive(ctx, query);
  if (length <= 0) {
    if (length < 0) {
      epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
      close(fd);
    }
    return;
  }
  int unit = query[modbus_get_header_length(ctx) - 1];
  if (unit < 1 || unit > units) return; /* as on a bus: nobody answers */
  device_t *d = devices + link * units + unit - 1;
  uint64_t us = now_us() - boot_us;
  if (rings) refresh_ring(d, us);
  else refresh_scalars(d, us);
  modbus_reply(ctx, query, length, d->map);
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  rings = strcmp(argv[1], "rings") == 0;
  links = atoi(argv[2]);
  units = atoi(argv[3]);
  if (rings && argc < 6) return 2;
  if (rings) rate_hz = atof(argv[4]), depth = (uint32_t)atoi(argv[5]);
  else points = atoi(argv[4]);
  for (int i = 0; i < WAVE; i++) wave[i] = (int16_t)(130 * sin(i * 2 * M_PI / 128) + 30 * sin(i * 2 * M_PI / 64));
  boot_us = now_us();
  make_devices();

  int epoll = epoll_create1(0);
  modbus_t *ctx = modbus_new_tcp("127.0.0.1", 0);
  if (epoll < 0 || !ctx) die("start");
  printf("[");
  for (int link = 0; link < links; link++) {
    int port, fd = listen_free(&port);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = ((uint64_t)1 << 63) | ((uint64_t)link << 32) | (uint32_t)fd};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    printf("%s%d", link ? "," : "", port);
  }
  printf("]\n");
  fflush(stdout);
  struct epoll_event input = {.events = EPOLLIN | EPOLLHUP, .data.u64 = UINT64_MAX};
  epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input);

  struct epoll_event events[256];
  for (;;) {
    int n = epoll_wait(epoll, events, 256, -1);
    if (n < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < n; i++) {
      uint64_t tag = events[i].data.u64;
      if (tag == UINT64_MAX) return 0; /* whoever started us is gone, or asks us to end */
      int link = (int)((tag >> 32) & 0x7fffffff), fd = (int)(tag & 0xffffffffu);
      if (!(tag >> 63)) {
        answer(ctx, fd, link, epoll);
        continue;
      }
      int client = accept(fd, NULL, NULL), one = 1;
      if (client < 0) continue;
      setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      struct epoll_event event = {.events = EPOLLIN, .data.u64 = ((uint64_t)link << 32) | (uint32_t)client};
      epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
    }
  }
}
