
/*
 * Characters as numbers are made of them; extract_locale() itself is in
 * extract_internal.h.
 */

#ifndef EXTRACT_LOCALE_H
#define EXTRACT_LOCALE_H


#include "common/sc_core.h"


/* separators, and what else may be in a number or around it; bits */
#define EXTRACT_DOT      0x001u
#define EXTRACT_COMMA    0x002u
#define EXTRACT_APOS     0x004u
#define EXTRACT_SPACE    0x008u
#define EXTRACT_NBSP     0x010u   /* one of the spaces that do not break */
#define EXTRACT_DECIMAL  0x020u   /* the separators of Arabic: never others */
#define EXTRACT_GROUP    0x040u
#define EXTRACT_DIGIT    0x080u
#define EXTRACT_MINUS    0x100u
#define EXTRACT_MONEY    0x200u
#define EXTRACT_OPEN     0x400u
#define EXTRACT_CLOSE    0x800u
#define EXTRACT_WORD     0x1000u

#define EXTRACT_POINTS   (EXTRACT_DOT | EXTRACT_COMMA | EXTRACT_DECIMAL)
#define EXTRACT_SPACES   (EXTRACT_SPACE | EXTRACT_NBSP)
#define EXTRACT_GROUPS   (EXTRACT_APOS | EXTRACT_SPACES | EXTRACT_GROUP)


/* A character: which it is, what digit, its bytes. */
typedef struct {
    unsigned  kind;
    unsigned  digit;
    size_t    len;
} extract_char_t;


/*
 * extract_locale_char.c: the character at a place, of which there are none
 * past the end: it is of no kind and no bytes then.  What is not UTF-8 is a
 * character of one byte and no kind.
 */
extract_char_t extract_char(sc_str_t text, size_t at);

/* The character that ends before a place; before the first there is none. */
extract_char_t extract_char_before(sc_str_t text, size_t at);


#endif /* EXTRACT_LOCALE_H */
