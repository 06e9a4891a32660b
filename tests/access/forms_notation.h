
/* The notations of an address of IPv4. */

#ifndef FORMS_NOTATION_H
#define FORMS_NOTATION_H


#include "tests/access/forms.h"


void forms_notations(forms_t *f, const unsigned char *v4);


#endif /* FORMS_NOTATION_H */
