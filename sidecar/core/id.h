
/*
 * Public ids of jobs and results: three hex digits of the slot the target's
 * host falls in, then a ULID (48 bits of milliseconds, 80 random bits, in
 * Crockford's base 32).  They sort by time within a slot, can be routed by
 * their first digits, and cannot be guessed.
 */

#ifndef ID_H
#define ID_H


#include <stddef.h>
#include <stdint.h>


#define ID_LEN    29
#define ID_SIZE   (ID_LEN + 1)      /* with the NUL */


/* The slot of a host, 0 to 4095: CRC-32 of its lower-case name. */
unsigned id_slot(const char *host, size_t len);

/* The slot an id begins with, or three of its digits; "": the host's. */
unsigned id_slot_or(const char *digits, const char *host);

/* Whether these bytes are a slot as an id begins with it. */
int id_slot_valid(const char *s, size_t len);

/*
 * Write a new id into out, of ID_SIZE bytes.  SC_OK, or SC_ERROR when the
 * kernel gives no random bytes.
 */
int id_make(char *out, unsigned slot);

/*
 * Whether these bytes have the form of an id, as id_make() writes it: the
 * slot in lower case, the ULID in upper case.
 */
int id_valid(const char *s, size_t len);

/* Wall-clock time in milliseconds since 1970, UTC. */
int64_t id_now_ms(void);


#endif /* ID_H */
