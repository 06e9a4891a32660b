
#include <stdlib.h>

#include <check.h>

#include "common/sc_core.h"
#include "sidecar/loop/heap.h"
#include "tests/support/suite.h"


#define HEAP_NODES  2000


static void heap_node(heap_node_t *node, int64_t key);
static void heap_check(const heap_t *h);
static int64_t heap_pop(heap_t *h);
static int64_t heap_random(void);


static uint64_t  heap_seed = 1;


/* memory that does not exist is asked for below, and must be refused */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}


START_TEST(empty_heap_has_no_smallest_node)
{
    heap_t  h;

    heap_init(&h);
    ck_assert_ptr_null(heap_min(&h));
    heap_free(&h);
    ck_assert_ptr_null(heap_min(&h));
}
END_TEST


START_TEST(smallest_key_comes_first_negative_and_extreme_ones_too)
{
    size_t                i;
    heap_t                h;
    heap_node_t           nodes[6];
    static const int64_t  keys[] = { 7, INT64_MAX, -3, 0, INT64_MIN, 7 };
    static const int64_t  sorted[] = { INT64_MIN, -3, 0, 7, 7, INT64_MAX };

    heap_init(&h);

    for (i = 0; i < 6; i++) {
        heap_node(&nodes[i], keys[i]);
        ck_assert_int_eq(heap_insert(&h, &nodes[i]), SC_OK);
    }

    for (i = 0; i < 6; i++) {
        ck_assert_int_eq(heap_pop(&h), sorted[i]);
    }

    ck_assert_ptr_null(heap_min(&h));
    heap_free(&h);
}
END_TEST


START_TEST(many_nodes_come_out_in_order)
{
    size_t        i;
    heap_t        h;
    int64_t       key, last;
    heap_node_t  *nodes;

    nodes = calloc(HEAP_NODES, sizeof(heap_node_t));
    ck_assert_ptr_nonnull(nodes);
    heap_init(&h);

    for (i = 0; i < HEAP_NODES; i++) {
        heap_node(&nodes[i], heap_random());
        ck_assert_int_eq(heap_insert(&h, &nodes[i]), SC_OK);
    }

    heap_check(&h);
    last = INT64_MIN;

    for (i = 0; i < HEAP_NODES; i++) {
        key = heap_pop(&h);
        ck_assert_int_le(last, key);
        last = key;
    }

    ck_assert_ptr_null(heap_min(&h));
    heap_free(&h);
    free(nodes);
}
END_TEST


START_TEST(nodes_taken_out_of_the_middle_leave_the_others_in_order)
{
    size_t        i, left;
    heap_t        h;
    heap_node_t  *nodes, *node;

    nodes = calloc(HEAP_NODES, sizeof(heap_node_t));
    ck_assert_ptr_nonnull(nodes);
    heap_init(&h);

    for (i = 0; i < HEAP_NODES; i++) {
        heap_node(&nodes[i], heap_random());
        ck_assert_int_eq(heap_insert(&h, &nodes[i]), SC_OK);
    }

    left = HEAP_NODES;

    for (i = 0; i < HEAP_NODES * 2; i++) {
        node = &nodes[heap_random() % HEAP_NODES];

        if (node->index == HEAP_NONE) {
            node->key = heap_random();
            ck_assert_int_eq(heap_insert(&h, node), SC_OK);
            left++;

        } else {
            heap_remove(&h, node);
            ck_assert_uint_eq(node->index, HEAP_NONE);
            left--;
        }

        ck_assert_uint_eq(h.len, left);

        if (i % 64 == 0) {
            heap_check(&h);
        }
    }

    heap_check(&h);
    heap_free(&h);
    free(nodes);
}
END_TEST


START_TEST(removing_a_node_that_is_outside_changes_nothing)
{
    heap_t       h;
    heap_node_t  in, out;

    heap_init(&h);
    heap_node(&in, 1);
    heap_node(&out, 0);

    heap_remove(&h, &out);
    ck_assert_int_eq(heap_insert(&h, &in), SC_OK);
    heap_remove(&h, &out);
    ck_assert_ptr_eq(heap_min(&h), &in);

    heap_remove(&h, &in);
    heap_remove(&h, &in);
    ck_assert_ptr_null(heap_min(&h));

    heap_free(&h);
}
END_TEST


START_TEST(node_that_finds_no_memory_stays_outside)
{
    heap_t       h;
    heap_node_t  node;

    heap_init(&h);
    heap_node(&node, 1);

    h.len = h.cap = SIZE_MAX / sizeof(heap_node_t *) / 2 + 1;
    ck_assert_int_eq(heap_insert(&h, &node), SC_ERROR);
    ck_assert_uint_eq(node.index, HEAP_NONE);
}
END_TEST


START_TEST(room_that_was_made_is_not_made_again)
{
    int           i;
    heap_t        h;
    heap_node_t   nodes[100];
    heap_node_t **room;

    heap_init(&h);
    ck_assert_int_eq(heap_reserve(&h, 100), SC_OK);
    room = h.nodes;

    for (i = 0; i < 100; i++) {
        heap_node(&nodes[i], -i);
        ck_assert_int_eq(heap_insert(&h, &nodes[i]), SC_OK);
    }

    ck_assert_ptr_eq(h.nodes, room);
    ck_assert_int_eq(heap_pop(&h), -99);
    heap_free(&h);
}
END_TEST


static void
heap_node(heap_node_t *node, int64_t key)
{
    node->key = key;
    node->index = HEAP_NONE;
}


/* No node is below a greater one, and each knows its place. */

static void
heap_check(const heap_t *h)
{
    size_t  i;

    for (i = 0; i < h->len; i++) {
        ck_assert_uint_eq(h->nodes[i]->index, i);
        ck_assert_int_le(h->nodes[i == 0 ? 0 : (i - 1) / 2]->key,
                         h->nodes[i]->key);
    }
}


static int64_t
heap_pop(heap_t *h)
{
    heap_node_t  *node;

    node = heap_min(h);
    ck_assert_ptr_nonnull(node);
    heap_remove(h, node);
    ck_assert_uint_eq(node->index, HEAP_NONE);

    return node->key;
}


/* Numbers from 0 to 4095, with repetitions; the same in every run. */

static int64_t
heap_random(void)
{
    heap_seed = heap_seed * 6364136223846793005 + 1442695040888963407;

    return (int64_t) (heap_seed >> 52);
}


int
main(void)
{
    const TTest  *tests[] = {
        empty_heap_has_no_smallest_node,
        smallest_key_comes_first_negative_and_extreme_ones_too,
        many_nodes_come_out_in_order,
        nodes_taken_out_of_the_middle_leave_the_others_in_order,
        removing_a_node_that_is_outside_changes_nothing,
        node_that_finds_no_memory_stays_outside,
        room_that_was_made_is_not_made_again,
        NULL
    };

    return suite_run("heap", tests, 10);
}
