// Stand-in for brpc's bthreads.
#pragma once

#include <cstdint>

typedef uint64_t bthread_t;
struct bthread_attr_t;

extern "C" {
int bthread_start_urgent(bthread_t *Id, const bthread_attr_t *Attributes, void *(*Run)(void *), void *Argument);
int bthread_start_background(bthread_t *Id, const bthread_attr_t *Attributes, void *(*Run)(void *), void *Argument);
int bthread_join(bthread_t Id, void **Result);
}
