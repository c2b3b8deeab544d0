// The few lines of JSON writing that probe.c needs: objects, arrays, strings, numbers.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

static FILE* out;
static bool first = true;

static void text(const char* s) {
  if (s == NULL) {
    fputs("null", out);
    return;
  }
  fputc('"', out);
  for (; *s; s++) {
    const unsigned char c = (unsigned char)*s;
    if (c == '"' || c == '\\')
      fprintf(out, "\\%c", c);
    else if (c < 0x20 || c >= 0x7f)
      fprintf(out, "\\u%04x", c);  // bytes, not characters: good enough for a test
    else
      fputc(c, out);
  }
  fputc('"', out);
}

static void separate(void) {
  if (!first) fputc(',', out);
  first = false;
}

static void key(const char* name) {
  separate();
  text(name);
  fputc(':', out);
}

static void open_with(char bracket) {
  fputc(bracket, out);
  first = true;
}

static void close_with(char bracket) {
  fputc(bracket, out);
  first = false;
}

static void number(const char* name, long long value) {
  key(name);
  fprintf(out, "%lld", value);
}

static void string(const char* name, const char* value) {
  key(name);
  text(value);
}

static void item(long long value) {
  separate();
  fprintf(out, "%lld", value);
}

static void strings(const char* name, char* const* list) {
  key(name);
  open_with('[');
  for (; *list; list++) {
    separate();
    text(*list);
  }
  close_with(']');
}
