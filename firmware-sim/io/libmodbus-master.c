/* Tests only: a master on libmodbus, which is not ours. Reads the accelerometer (unit 1), the gauge (unit 2), the queue of
 * the FIFO accelerometer (unit 4), writes to the register bank (unit 3) and the controller (unit 5); prints what it got, one "name value..." a line.
 *   libmodbus-master tcp HOST PORT | rtu DEVICE BAUD PARITY */
#include <errno.h>
#include <modbus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static modbus_t *ctx;

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
  exit(1);
}

static void words(const char *name, const uint16_t *values, int count) {
  printf("%s", name);
  for (int i = 0; i < count; i++) printf(" %u", values[i]);
  printf("\n");
}

static void refused(const char *name, int result) {
  printf("%s %s\n", name, result < 0 ? modbus_strerror(errno) : "answered");
}

static void accelerometer(void) {
  static uint16_t header[18], ring[18000];
  modbus_set_slave(ctx, 1);
  if (modbus_read_registers(ctx, 0, 18, header) != 18) fail("header");
  words("header", header, 18);
  for (int at = 0; at < 18000; at += 125)
    if (modbus_read_registers(ctx, 32 + at, 125, ring + at) != 125) fail("ring");
  words("ring", ring, 18000);
  refused("beyond", modbus_read_registers(ctx, 32 + 18000, 1, ring));
  refused("write", modbus_write_register(ctx, 0, 1));
}

static void gauge(void) {
  uint16_t input[4];
  modbus_set_slave(ctx, 2);
  if (modbus_read_input_registers(ctx, 0, 4, input) != 4) fail("gauge");
  words("gauge", input, 4);
  printf("stage %.3f\n", modbus_get_float_abcd(input + 2));
}

static void bank(void) {
  uint16_t held[3], written[3] = {7, 0xFFFF, 9};
  uint8_t coils[10] = {1, 0, 1, 1, 0, 0, 1, 1, 1, 0}, shown[10];
  modbus_set_slave(ctx, 3);
  if (modbus_write_registers(ctx, 100, 3, written) != 3) fail("FC 16");
  if (modbus_write_register(ctx, 101, 0x12) != 1) fail("FC 6");
  if (modbus_mask_write_register(ctx, 101, 0xF2, 0x25) != 1) fail("FC 22");
  if (modbus_write_and_read_registers(ctx, 102, 1, written, 100, 3, held) != 3) fail("FC 23");
  words("holding", held, 3);
  if (modbus_write_bits(ctx, 20, 10, coils) != 10) fail("FC 15");
  if (modbus_write_bit(ctx, 21, 1) != 1) fail("FC 5");
  if (modbus_read_bits(ctx, 20, 10, shown) != 10) fail("FC 1");
  printf("coils");
  for (int i = 0; i < 10; i++) printf(" %u", shown[i]);
  if (modbus_read_input_bits(ctx, 5, 3, shown) != 3) fail("FC 2");
  printf("\ndiscretes %u %u %u\n", shown[0], shown[1], shown[2]);
}

/* libmodbus has no function 24 and does not know the length of its reply: the frame is read here, byte by byte. */
static void fifo(int rtu) {
  uint8_t request[] = {4, 24, 1246 >> 8, 1246 & 0xff}, reply[256];
  uint16_t queue[31];
  int head = rtu ? 1 : 7, want = head + 3, have = 0;
  modbus_set_slave(ctx, 4);
  if (modbus_send_raw_request(ctx, request, sizeof request) < 0) fail("FC 24");
  while (have < want) {
    struct pollfd ready = {.fd = modbus_get_socket(ctx), .events = POLLIN};
    if (poll(&ready, 1, 2000) != 1) fail("FC 24: no reply");
    int got = (int)read(modbus_get_socket(ctx), reply + have, (size_t)(want - have));
    if (got <= 0) fail("FC 24 reply");
    have += got;
    if (have == head + 3) want += reply[head + 2] + (rtu ? 2 : 0);
  }
  if (reply[head] != 24) fail("FC 24 function");
  int count = reply[head + 3] << 8 | reply[head + 4];
  for (int i = 0; i < count && i < 31; i++) queue[i] = (uint16_t)(reply[head + 5 + 2 * i] << 8 | reply[head + 6 + 2 * i]);
  words("fifo", queue, count);
}

static void controller(void) {
  uint16_t input[9], set;
  uint8_t pump, level;
  double stage;
  modbus_set_slave(ctx, 5);
  if (modbus_read_input_registers(ctx, 0, 9, input) != 9) fail("controller");
  uint64_t bits = 0;
  for (int i = 0; i < 4; i++) bits = bits << 16 | input[i];
  memcpy(&stage, &bits, sizeof stage);
  printf("depth %.2f\n", stage);
  printf("depth_mm %lld\n", (long long)((uint64_t)input[7] << 48 | (uint64_t)input[6] << 32 | (uint64_t)input[5] << 16 | input[4]));
  if (modbus_write_bit(ctx, 0, 1) != 1) fail("FC 5");
  if (modbus_read_bits(ctx, 0, 1, &pump) != 1) fail("FC 1");
  if (modbus_read_input_bits(ctx, 3, 1, &level) != 1) fail("FC 2");
  printf("flags %u %u %u\n", input[8] >> 9 & 1, pump, level);
  if (modbus_write_register(ctx, 0, 450) != 1) fail("FC 6");
  if (modbus_read_registers(ctx, 0, 1, &set) != 1) fail("FC 3");
  printf("setpoint %u\n", set);
  refused("setpoint_beyond", modbus_write_register(ctx, 0, 501));
}

int main(int argc, char **argv) {
  if (argc == 4 && strcmp(argv[1], "tcp") == 0)
    ctx = modbus_new_tcp(argv[2], atoi(argv[3]));
  else if (argc == 5 && strcmp(argv[1], "rtu") == 0)
    ctx = modbus_new_rtu(argv[2], atoi(argv[3]), argv[4][0], 8, 1);
  if (ctx == NULL) return 2;
  modbus_set_response_timeout(ctx, 2, 0);
  if (modbus_connect(ctx) != 0) fail("connect");
  accelerometer();
  gauge();
  bank();
  fifo(argc == 5);
  controller();
  modbus_close(ctx);
  modbus_free(ctx);
  return 0;
}
