// A library to preload: reads of some files fail or never return, writes and syncs of some files fail.
//   FAIL_READ, FAIL_WRITE, FAIL_SYNC, HANG_READ   part of the path
//   FAIL_RATE                                     failures in 10,000 of these calls, evenly spread (all, if it is not set)
//   WHEN                                          only while this file exists
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_ulong calls;

static int is_wanted(int fd, const char *name) {
  char link[64], path[512];
  const char *part = getenv(name), *when = getenv("WHEN");
  if (!part || (when && access(when, F_OK) != 0)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, part) != 0;
}

static int has_failed(int fd, const char *name) {
  const char *text = getenv("FAIL_RATE");
  if (!is_wanted(fd, name)) return 0;
  unsigned long rate = text ? strtoul(text, 0, 10) : 10000, call = atomic_fetch_add(&calls, 1);
  if (call * rate / 10000 == (call + 1) * rate / 10000) return 0; // by chance three could fail in a row
  errno = EIO;
  return 1;
}

static void hang(int fd) {
  while (is_wanted(fd, "HANG_READ")) usleep(100000);
}

ssize_t pread64(int fd, void *buffer, size_t size, off_t offset) {
  ssize_t (*real)(int, void *, size_t, off_t) = dlsym(RTLD_NEXT, "pread64");
  hang(fd);
  return has_failed(fd, "FAIL_READ") ? -1 : real(fd, buffer, size, offset);
}

ssize_t pread(int fd, void *buffer, size_t size, off_t offset) { return pread64(fd, buffer, size, offset); }

ssize_t read(int fd, void *buffer, size_t size) {
  ssize_t (*real)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
  hang(fd);
  return has_failed(fd, "FAIL_READ") ? -1 : real(fd, buffer, size);
}

ssize_t write(int fd, const void *buffer, size_t size) {
  ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  return has_failed(fd, "FAIL_WRITE") ? -1 : real(fd, buffer, size);
}

int fdatasync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  return has_failed(fd, "FAIL_SYNC") ? -1 : real(fd);
}
