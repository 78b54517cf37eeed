/* Benchmark only: what a poller in C on libmodbus costs that reads the devices of device-server.c and does nothing else.
 *
 *   poller PERIOD_MS UNITS POINTS PORT...     float32 in input registers 0, 2, 4, ... of each unit on each port
 *
 * Every device has its own instant within the period, kept on an absolute grid, as an edge node does it. Polls until
 * standard input ends, then prints one line of JSON: polls, those that failed, instants it came to more than a period late. */
#define _GNU_SOURCE
#include <errno.h>
#include <modbus.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { REGISTERS_MAX = 125 };

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t ns) {
  struct timespec t = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {
  }
}

static int ended(void) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  return poll(&input, 1, 0) > 0;
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  uint64_t period_ns = (uint64_t)atoi(argv[1]) * 1000000u;
  int units = atoi(argv[2]), points = atoi(argv[3]), links = argc - 4;
  if (units < 1 || points < 1 || 2 * points > REGISTERS_MAX) return 2;
  modbus_t **link = calloc((size_t)links, sizeof *link);
  if (!link) return 1;
  for (int l = 0; l < links; l++) {
    link[l] = modbus_new_tcp("127.0.0.1", atoi(argv[4 + l])); /* libmodbus itself sets TCP_NODELAY */
    if (!link[l] || modbus_connect(link[l]) < 0) {
      fprintf(stderr, "port %s: %s\n", argv[4 + l], modbus_strerror(errno));
      return 1;
    }
  }
  uint64_t polls = 0, failed = 0, late = 0, devices = (uint64_t)links * (uint64_t)units, begun = now_ns();
  float sum = 0;
  for (uint64_t k = 0;; k++) {
    if (k % devices == 0 && ended()) break;
    uint64_t due = begun + k * period_ns / devices;
    sleep_until(due);
    if (now_ns() > due + period_ns) late++;
    modbus_t *at = link[k % (uint64_t)links];
    uint16_t registers[REGISTERS_MAX];
    modbus_set_slave(at, 1 + (int)(k / (uint64_t)links % (uint64_t)units));
    polls++;
    if (modbus_read_input_registers(at, 0, 2 * points, registers) != 2 * points) {
      failed++;
      continue;
    }
    for (int p = 0; p < points; p++) sum += modbus_get_float_abcd(registers + 2 * p);
  }
  for (int l = 0; l < links; l++) {
    modbus_close(link[l]);
    modbus_free(link[l]);
  }
  /* The sum is printed so that no compiler leaves the decoding out. */
  printf("{\"polls\":%llu,\"failed\":%llu,\"late\":%llu,\"sum\":%.1f}\n", (unsigned long long)polls,
         (unsigned long long)failed, (unsigned long long)late, sum);
  return 0;
}
